"""The tasks that create the views and functions of a flow, and their notebooks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mesh.lineage.lineage import mesh_lineage
from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, Deployed, Findings

VIEW = "SELECT borough FROM by_borough\n"
FILES = {
    **PRODUCTION,
    f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\ntables: {dear: {comment: Dear}}\n",
    f"{FLOW}/views/dear.sql": VIEW,
}


def test_views_are_created_after_the_declared_tasks_and_before_tables_are_described(
    deployed: Deployed,
) -> None:
    mesh = deployed(FILES)

    [job] = [job for one in mesh.deployments for flow in one.flows for job in flow.jobs]
    keys = [
        (one["task_key"], [each["task_key"] for each in one.get("depends_on", ())])
        for one in job.settings["tasks"]
    ]
    assert keys == [("a", []), ("create_views", ["a"]), ("describe_tables", ["create_views"])]
    assert job.settings["tasks"][1]["description"] == "creates view dear"
    files = [file for one in mesh.deployments if one.uploads for file in one.uploads.files]
    [program] = [(one.committed or b"").decode() for one in files if one.path.endswith("/create_views")]
    scope: dict[str, Any] = {}
    exec(compile(program.split("# COMMAND ----------\n")[-2], "notebook", "exec"), scope)
    assert scope["VIEWS"] == [{"schema": "", "name": "dear", "shown": "dear", "query": [VIEW.strip()]}]


def test_a_view_of_a_flow_with_several_schemas_gets_the_names_of_its_own(deployed: Deployed) -> None:
    deployment = "schemas: [a, b]\ntasks: [{task_key: a, serverless: true}]\n"
    mesh = deployed(
        {**PRODUCTION, f"{FLOW}/deployment.yml": deployment, f"{FLOW}/views/b.dear.sql": "SELECT 1 AS x"}
    )

    [flow] = [flow for one in mesh.deployments for flow in one.flows]
    [_, task] = flow.jobs[0].settings["tasks"]
    given = json.loads(task["notebook_task"]["base_parameters"]["view_schemas"])
    assert given == {"b": [flow.catalog, "b"]}


@pytest.mark.parametrize(
    ("own", "zones"), [("environments: {prod: {reads: null}}\n", ""), ("", "schemas: []\n")]
)
def test_a_parameter_without_a_value_in_the_environment_is_a_finding(
    findings: Findings, own: str, zones: str
) -> None:
    folder, tasks = f"{PROJECT}/flows/prep/zones", "tasks: [{task_key: a, serverless: true}]\n"
    files = {
        **PRODUCTION,
        f"{FLOW}/deployment.yml": f"{tasks}reads: {{geo: prep/zones}}\n{own}",
        f"{FLOW}/views/dear.sql": "SELECT :schema, :geo_schema FROM IDENTIFIER(:geo_schema || '.a')",
        f"{folder}/deployment.yml": tasks + zones,
        f"{folder}/a.py": "# Databricks notebook source\n",
    }

    assert findings(files) == [
        "view-parameter: `:geo_schema` has no value here: no flow in `reads` has this location of data "
        "(correct the query, or `reads`)"
    ]


def test_parts_of_a_flow_that_share_a_schema_have_no_view_twice(findings: Findings) -> None:
    folder, files = f"{PROJECT}/flows/prep/zones", {**PRODUCTION}
    for part in ("east", "west"):
        files[f"{folder}/{part}/deployment.yml"] = "tasks: [{task_key: a, serverless: true}]\n"
        files[f"{folder}/{part}/a.py"] = "# Databricks notebook source\n"
        files[f"{folder}/{part}/views/dear.sql"] = f"SELECT '{part}' AS part"

    assert findings(files) == [
        f"one-name-twice: is the view `dear`, as {folder}/east/views/dear.sql is (rename one)"
    ]


def test_lineage_reads_views(deployed: Deployed) -> None:
    mesh = deployed(FILES)

    [found] = [one for one in mesh_lineage(mesh).tasks if one.task == "create_views"]
    assert [str(one).rpartition(".")[2] for one in found.read] == ["by_borough"]
    [write] = found.writes
    assert (write.table.name, [*write.relation.columns]) == ("dear", ["borough"])
    assert str(write.place).endswith("views/dear.sql:1")


FUNCTION = "CREATE FUNCTION hidden(x INT)\nRETURNS INT\nRETURN NULL\n"


def test_functions_are_created_before_the_declared_tasks(deployed: Deployed) -> None:
    tasks = """\
tasks:
- {task_key: a, existing_cluster_id: small}
- {task_key: b, serverless: true, notebook_task: {notebook_path: a}, depends_on: [{task_key: a}]}
- {task_key: c, serverless: true, notebook_task: {notebook_path: a}}
"""
    mesh = deployed(
        {
            **PRODUCTION,
            f"{FLOW}/deployment.yml": tasks,
            f"{FLOW}/functions/hidden.sql": FUNCTION,
            f"{FLOW}/functions/all_hidden.sql": FUNCTION.replace("hidden(", "all_hidden(").replace(
                "NULL", "hidden(x)"
            ),
        }
    )

    [job] = [job for one in mesh.deployments for flow in one.flows for job in flow.jobs]
    found = {one["task_key"]: one for one in job.settings["tasks"]}
    assert {key: [each["task_key"] for each in one.get("depends_on", ())] for key, one in found.items()} == {
        "a": ["create_functions"],
        "b": ["a"],
        "c": ["create_functions"],
        "create_functions": [],
    }
    assert found["create_functions"]["description"] == "creates 2 functions"
    assert found["create_functions"]["existing_cluster_id"] == "small"
    files = [file for one in mesh.deployments if one.uploads for file in one.uploads.files]
    [program] = [(one.committed or b"").decode() for one in files if one.path.endswith("/create_functions")]
    scope: dict[str, Any] = {}
    exec(compile(program.split("# COMMAND ----------\n")[-2], "notebook", "exec"), scope)
    assert [one["name"] for one in scope["FUNCTIONS"]] == ["hidden", "all_hidden"]
    assert scope["FUNCTIONS"][0] == {
        "schema": "",
        "name": "hidden",
        "shown": "hidden",
        "head": "(x INT)\nRETURNS INT\nCOMMENT '",
        "body": ["' ", "RETURN NULL"],
    }


def test_lineage_reads_the_tables_in_functions(deployed: Deployed) -> None:
    query = (
        "(SELECT max(z.fare) FROM zones AS z JOIN IDENTIFIER(:catalog || '.a.b') USING (id) WHERE z.id = x)"
    )
    mesh = deployed(
        {
            **FILES,
            f"{FLOW}/functions/highest.sql": FUNCTION.replace("hidden(", "highest(").replace("NULL", query),
            f"{FLOW}/functions/hidden.sql": FUNCTION,
        }
    )

    [found] = [one for one in mesh_lineage(mesh).tasks if one.task == "create_functions"]
    assert [(str(one.table).split(".", 1)[1], str(one.place)[-13:]) for one in found.reads] == [
        ("revenue.zones", "highest.sql:3"),
        ("a.b", "highest.sql:3"),
    ]
    assert (found.columns, found.written, [gap.hides for gap in found.gaps]) == (
        frozenset(),
        frozenset(),
        [""],
    )
