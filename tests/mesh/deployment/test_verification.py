"""Tasks that verify the contracts of a flow, and their notebooks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mesh.mesh import MeshDeployment
from tests.mesh.conftest import FLOW, PRODUCTION, Deployed, Findings
from tests.support.contracts import text

DEPLOYMENT = f"{FLOW}/deployment.yml"
CONTRACT = f"{FLOW}/contracts/revenue.yaml"
CHAIN = """
tasks:
- {task_key: a, job_cluster_key: common-job-cluster}
- {task_key: b, job_cluster_key: common-job-cluster, notebook_task: {notebook_path: a}, depends_on: [{task_key: a}]}
- {task_key: c, serverless: true, notebook_task: {notebook_path: a}, depends_on: [{task_key: a}]}
"""
TWO_JOBS = """
jobs:
- {name: night, tasks: [{task_key: a, serverless: true}]}
- {name: day, verify: true, tasks: [{task_key: a, serverless: true}]}
"""


def added(mesh: MeshDeployment) -> list[dict[str, Any]]:
    """The tasks that verify something, of all jobs."""
    jobs = [job for one in mesh.deployments for flow in one.flows for job in flow.jobs]
    return [task for job in jobs for task in job.settings["tasks"] if task["task_key"].startswith("verify")]


def notebook(mesh: MeshDeployment) -> str:
    """The text of the only notebook that verifies something."""
    [uploads] = [one.uploads for one in mesh.deployments]
    assert uploads
    [file] = [file for file in uploads.files if "/contracts/verify_" in file.path]
    assert (file.language, file.format) == ("PYTHON", None)
    return (file.committed or b"").decode()


def rules(program: str) -> dict[str, Any]:
    """The rules that a notebook holds."""
    scope: dict[str, Any] = {}
    exec(compile(program.split("# COMMAND ----------\n")[2], "notebook", "exec"), scope)
    found: dict[str, Any] = scope["RULES"]
    return found


def test_a_contract_is_verified_after_all_tasks_on_the_compute_of_one_of_them(deployed: Deployed) -> None:
    mesh = deployed({**PRODUCTION, CONTRACT: text("1.2.0"), DEPLOYMENT: CHAIN})

    [uploads] = [one.uploads for one in mesh.deployments]
    assert uploads
    assert added(mesh) == [
        {
            "task_key": "verify_revenue",
            "description": "verifies contract revenue 1.2.0",
            "depends_on": [{"task_key": "b"}, {"task_key": "c"}],
            "notebook_task": {
                "notebook_path": f"{uploads.folder}/{FLOW}/contracts/verify_revenue",
                "source": "WORKSPACE",
            },
            "job_cluster_key": "common-job-cluster",
        }
    ]


def test_jobs_whose_code_is_in_git_upload_only_the_generated_notebook(deployed: Deployed) -> None:
    mesh = deployed({**PRODUCTION, CONTRACT: text()})

    [uploads] = [one.uploads for one in mesh.deployments]
    assert uploads
    assert [file.path for file in uploads.files] == [f"{uploads.folder}/{FLOW}/contracts/verify_revenue"]
    assert [file.id for file in uploads.files] == ["prep_revenue_contracts_verify_revenue"]


def test_the_notebook_is_the_same_in_all_environments_and_holds_the_rules(deployed: Deployed) -> None:
    files = {**PRODUCTION, CONTRACT: text("1.2.0")}

    program = notebook(deployed(files, "prod"))

    assert program == notebook(deployed(files, "dev"))
    assert program.startswith(f"# Databricks notebook source\n# Generated from {CONTRACT}: ")
    assert rules(program)["title"] == "contract revenue 1.2.0"
    assert [one["name"] for one in rules(program)["tables"][0]["columns"]] == ["borough", "amount"]


@pytest.mark.parametrize(
    "name", ["'''\n# COMMAND ----------\nraise SystemExit", '"""', "{program} {}", "\\'"]
)
def test_no_text_of_a_contract_becomes_code(deployed: Deployed, name: str) -> None:
    program = notebook(deployed({**PRODUCTION, CONTRACT: text(name=name)}))

    assert rules(program)["title"] == f"contract {name} 1.0.0"
    assert program.count("# COMMAND ----------\n") == 3


@pytest.mark.parametrize(
    ("deployment", "contract", "keys"),
    [
        ("verify: false\ntasks: [{task_key: a, serverless: true}]", {}, []),
        ("tasks: [{task_key: a, serverless: true}]", {"status": "draft"}, []),
        (TWO_JOBS, {}, ["verify_revenue"]),
        ("environments: {prod: {verify: false}}\ntasks: [{task_key: a, serverless: true}]", {}, []),
        ("tasks: [{task_key: a, serverless: true}]", {"name": "what we earn"}, ["verify_what_we_earn"]),
        ("schemas: [revenue]", {}, []),
    ],
)
def test_what_is_verified(
    deployed: Deployed, deployment: str, contract: dict[str, Any], keys: list[str]
) -> None:
    mesh = deployed({**PRODUCTION, CONTRACT: text(**contract), DEPLOYMENT: deployment})

    assert [task["task_key"] for task in added(mesh)] == keys


def test_two_versions_of_a_contract_are_verified_by_two_tasks(deployed: Deployed) -> None:
    files = {CONTRACT: text(), f"{FLOW}/contracts/revenue-2.yaml": text("2.0.0")}

    mesh = deployed({**PRODUCTION, **files})

    assert [task["task_key"] for task in added(mesh)] == ["verify_revenue_1", "verify_revenue_2"]


def test_a_contract_that_names_schemas_gets_their_full_names(deployed: Deployed) -> None:
    schema = [{"name": "raw.trips", "properties": [{"name": "a"}]}]
    flow = "schemas: [raw, clean]\ntasks: [{task_key: a, serverless: true}]"

    [task] = added(deployed({**PRODUCTION, CONTRACT: text(schema=schema), DEPLOYMENT: flow}))

    given = json.loads(task["notebook_task"]["base_parameters"]["verified_schemas"])
    assert given == {"raw": "raw", "clean": "clean"}


def test_a_task_with_the_key_of_a_verification_is_a_finding(findings: Findings) -> None:
    task = "{task_key: verify_revenue, serverless: true, notebook_task: {notebook_path: a}}"

    [found] = findings({**PRODUCTION, CONTRACT: text(), DEPLOYMENT: f"tasks: [{task}]"})

    assert found == (
        f"verification-twice: its verification is the task `verify_revenue`, which {DEPLOYMENT}:1 declares, too "
        "(rename one, or write `verify: false` in deployment.yml)"
    )


def test_quality_is_verified_beside_contracts(deployed: Deployed) -> None:
    quality = "tables:\n  revenue_by_borough:\n  - {column: amount, rule: is_not_null}\n"
    mesh = deployed({**PRODUCTION, CONTRACT: text(), f"{FLOW}/quality.yml": quality})

    assert [(task["task_key"], task["description"]) for task in added(mesh)] == [
        ("verify_revenue", "verifies contract revenue 1.0.0"),
        ("verify_quality", "verifies quality of prep/revenue"),
    ]
    [uploads] = [one.uploads for one in mesh.deployments]
    assert uploads
    [held] = [file.committed for file in uploads.files if file.path.endswith("revenue/verify_quality")]
    assert held
    assert rules(held.decode())["tables"][0]["quarantine"] is True
