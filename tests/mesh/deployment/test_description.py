"""The task that sets comments and keys of a flow's tables, and its notebook."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mesh.mesh import MeshDeployment
from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, Deployed, Findings
from tests.support.contracts import text

DEPLOYMENT = f"{FLOW}/deployment.yml"
CONTRACT = f"{FLOW}/contracts/revenue.yaml"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
COMMENT = "tables: {by_borough: {comment: Dollars}}\n"
KEYED = [{"name": "borough", "physicalType": "string", "primaryKey": True, "description": "Where"}]
TWO_JOBS = """
jobs:
- {name: night, tasks: [{task_key: a, serverless: true}]}
- {name: day, describe: true, tasks: [{task_key: a, serverless: true}]}
"""


def tasks(mesh: MeshDeployment) -> list[dict[str, Any]]:
    """The tasks of all jobs of the flow."""
    flows = [flow for one in mesh.deployments for flow in one.flows if flow.path.endswith("prep/revenue")]
    return [task for flow in flows for job in flow.jobs for task in job.settings["tasks"]]


def notebook(mesh: MeshDeployment) -> str:
    """The text of the only notebook that describes tables."""
    uploads = [one.uploads for one in mesh.deployments if one.uploads]
    [file] = [
        file for one in uploads for file in one.files if file.path.endswith("/prep/revenue/describe_tables")
    ]
    return (file.committed or b"").decode()


def tables(program: str) -> Any:
    """The declaration that a notebook holds."""
    scope: dict[str, Any] = {}
    exec(compile(program.split("# COMMAND ----------\n")[-2], "notebook", "exec"), scope)
    return scope["TABLES"]


def test_tables_are_described_after_the_declared_tasks_while_they_are_verified(
    deployed: Deployed,
) -> None:
    mesh = deployed({**PRODUCTION, CONTRACT: text(columns=KEYED), DEPLOYMENT: TASKS + COMMENT})

    [uploads] = [one.uploads for one in mesh.deployments]
    assert uploads
    _, verifies, describes = tasks(mesh)
    assert describes == {
        "task_key": "describe_tables",
        "description": "describes by_borough",
        "depends_on": [{"task_key": "a"}],
        "notebook_task": {
            "notebook_path": f"{uploads.folder}/{FLOW}/describe_tables",
            "source": "WORKSPACE",
        },
    }
    assert verifies["depends_on"] == [{"task_key": "a"}]
    assert tables(notebook(mesh)) == [
        {
            "schema": "",
            "name": "by_borough",
            "comment": "Dollars",
            "columns": {"borough": "Where"},
            "primary_key": ["borough"],
        }
    ]


@pytest.mark.parametrize(
    ("deployment", "contract", "keys"),
    [
        (TASKS, {}, []),  # nothing is described
        (TASKS, {"columns": KEYED}, ["describe_tables"]),
        (TASKS, {"columns": KEYED, "status": "draft"}, []),
        (f"{TASKS}describe: false", {"columns": KEYED}, []),
        (TWO_JOBS, {"columns": KEYED}, ["describe_tables"]),
        ("pipeline_tasks: [{pipeline_key: a}]", {"columns": KEYED}, []),
    ],
)
def test_what_is_described(
    deployed: Deployed, deployment: str, contract: dict[str, Any], keys: list[str]
) -> None:
    mesh = deployed({**PRODUCTION, CONTRACT: text(**contract), DEPLOYMENT: deployment})

    assert [one["task_key"] for one in tasks(mesh) if one["task_key"].startswith("describe")] == keys


@pytest.mark.parametrize("run_if", ["AT_LEAST_ONE_FAILED", "ALL_FAILED"])
def test_a_task_that_runs_after_failures_is_not_waited_for(deployed: Deployed, run_if: str) -> None:
    alert = f"{{task_key: alert, serverless: true, notebook_task: {{notebook_path: a}}, run_if: {run_if}, depends_on: [{{task_key: a}}]}}"
    declared = f"tasks: [{{task_key: a, serverless: true}}, {alert}]\n"
    mesh = deployed({**PRODUCTION, CONTRACT: text(), DEPLOYMENT: declared + COMMENT})

    _, _, verifies, describes = tasks(mesh)
    assert describes["depends_on"] == [{"task_key": "a"}]
    assert verifies["depends_on"] == [{"task_key": "a"}]


ON = "job_cluster_key: common-job-cluster"
NOTEBOOK = "notebook_task: {notebook_path: a}"
CONDITION = "{task_key: b, condition_task: {left: a, op: EQUAL_TO, right: b}, depends_on: [{task_key: a}]}"
SQL = "{task_key: b, notebook_task: {notebook_path: a, warehouse_id: w}, depends_on: [{task_key: a}]}"


@pytest.mark.parametrize(
    ("declared", "cluster"),
    [
        (
            f"{{task_key: a, for_each_task: {{inputs: '[1]', task: {{task_key: one, {ON}, {NOTEBOOK}}}}}}}",
            True,
        ),
        (f"{{task_key: a, {ON}}}, {CONDITION}", True),  # the last task runs no code
        (f"{{task_key: a, {ON}}}, {SQL}", True),
        (f"{{task_key: a, serverless: true}}, {CONDITION}", False),
        (f"{{task_key: a, {ON}}}, {{task_key: b, serverless: true, {NOTEBOOK}}}", True),
        (
            f"{{task_key: a, {ON}}}, {{task_key: b, serverless: true, {NOTEBOOK}, depends_on: [{{task_key: a}}]}}",
            False,
        ),
    ],
)
def test_tables_are_described_on_the_cluster_of_the_last_task_with_code(
    deployed: Deployed, declared: str, cluster: bool
) -> None:
    mesh = deployed({**PRODUCTION, CONTRACT: text(), DEPLOYMENT: f"tasks: [{declared}]\n{COMMENT}"})

    [*_, describes, verifies] = tasks(mesh)
    expected = "common-job-cluster" if cluster else None
    assert (describes.get("job_cluster_key"), verifies.get("job_cluster_key")) == (expected, expected)


def test_a_foreign_key_gets_the_schemas_of_the_flow_that_is_read(deployed: Deployed) -> None:
    key = "{columns: borough, references: {flow: prep/zones, schema: raw, table: zones}}"
    own = "{columns: borough, references: {schema: b, table: places}}"
    mesh = deployed(
        {
            **PRODUCTION,
            f"{PROJECT}/flows/prep/zones/deployment.yml": f"schemas: [clean, raw]\n{TASKS}tables: {{zones: {{schema: raw, primary_key: zone}}}}",
            f"{PROJECT}/flows/prep/zones/a.py": "# Databricks notebook source\n",
            DEPLOYMENT: f"schemas: [a, b]\nreads: {{geo: prep/zones}}\n{TASKS}tables:\n"
            f"  by_borough: {{schema: a, foreign_keys: {{of: {key}, near: {own}}}}}\n"
            "  places: {schema: b, primary_key: borough}\n",
        }
    )

    [task] = [one for one in tasks(mesh) if one["task_key"] == "describe_tables"]
    given = json.loads(task["notebook_task"]["base_parameters"]["described_schemas"])
    catalog = next(flow.catalog for one in mesh.deployments for flow in one.flows)
    assert given == {name: [catalog, full] for name, full in {"a": "a", "b": "b", "geo/raw": "raw"}.items()}
    found = {
        one["name"]: one["schema"] for each in tables(notebook(mesh)) for one in each.get("foreign_keys", ())
    }
    assert found == {"of": "geo/raw", "near": "b"}


def test_a_schema_may_have_the_name_of_a_flow_that_is_read(deployed: Deployed) -> None:
    references = "{flow: prep/zones, table: zones}"
    mesh = deployed(
        {
            **PRODUCTION,
            f"{PROJECT}/flows/prep/zones/deployment.yml": f"{TASKS}tables: {{zones: {{primary_key: zone}}}}",
            f"{PROJECT}/flows/prep/zones/a.py": "# Databricks notebook source\n",
            DEPLOYMENT: f"schemas: [geo, b]\nreads: {{geo: prep/zones}}\n{TASKS}tables:\n"
            f"  by_borough: {{schema: geo, foreign_keys: {{of: {{columns: zone, references: {references}}}}}}}\n",
        }
    )

    task = tasks(mesh)[-1]
    catalog = next(flow.catalog for one in mesh.deployments for flow in one.flows)
    given = json.loads(task["notebook_task"]["base_parameters"]["described_schemas"])
    [table] = tables(notebook(mesh))
    assert given[table["schema"]] == [catalog, "geo"]
    assert given[table["foreign_keys"][0]["schema"]] == [catalog, "zones"]


@pytest.mark.parametrize(
    "comment", ["'''\n# COMMAND ----------\nraise SystemExit", '"""', "{programs} {}", "\\'"]
)
def test_no_comment_becomes_code(deployed: Deployed, comment: str) -> None:
    program = notebook(
        deployed({**PRODUCTION, DEPLOYMENT: TASKS + COMMENT.replace("Dollars", json.dumps(comment))})
    )

    assert tables(program)[0]["comment"] == comment
    assert program.count("# COMMAND ----------\n") == 4


def test_a_task_with_the_key_of_the_description_is_a_finding(findings: Findings) -> None:
    task = "{task_key: describe_tables, serverless: true, notebook_task: {notebook_path: a}}"

    [found] = findings({**PRODUCTION, DEPLOYMENT: f"tasks: [{task}]\n{COMMENT}"})

    assert found == (
        f"description-twice: a task that the deployment adds is the task `describe_tables`, which {DEPLOYMENT}:1 declares, too "
        "(rename one, or write `describe: false` in deployment.yml)"
    )
