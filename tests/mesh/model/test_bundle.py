"""Variables and files of Databricks' bundles are told, each with the mesh's word for it."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, PROJECT, Deployed, Findings

FILE = f"{FLOW}/deployment.yml"
TASK = "tasks: [{{task_key: a, serverless: true, notebook_task: {{notebook_path: a, base_parameters: {{x: '{}'}}}}}}]"


@pytest.mark.parametrize(
    ("reference", "word"),
    [
        ("${var.level}", "write the value; for one environment, in `environments`"),
        (
            "${bundle.target}",
            "the parameter `pipeline_env` at run time; `environments` for what differs",
        ),
        ("${bundle.git.commit}", "the parameters `git_commit`, `git_branch` and `git_url` at run time"),
        ("${workspace.file_path}/src", "write the path relative to the folder of deployment.yml"),
        (
            "${workspace.current_user.short_name}",
            "write the name; naming templates have `{username}` for the deployer",
        ),
        ("${resources.jobs.load.id}", "a task runs another job by `run_job_task: {flow: …}`"),
        ("${resources.pipelines.facts.id}", "a task runs a pipeline by `pipeline_task: {flow: …}`"),
        (
            "${resources.schemas.facts.name}",
            "the parameter `schema` at run time: the schema of the flow",
        ),
    ],
)
def test_a_variable_of_a_bundle_is_told_with_our_word(findings: Findings, reference: str, word: str) -> None:
    [found] = findings({FILE: TASK.format(reference)})

    assert found.startswith(
        f"bundle-variable: `{reference.partition('}')[0]}}}` is a variable of Databricks'"
    )
    assert word in found


@pytest.mark.parametrize(
    ("task", "word"),
    [
        ("sql_task: {warehouse_id: '${var.warehouse}', file: {path: a.py}}", "write `warehouse_name`"),
        ("existing_cluster_id: '${var.cluster}'", "write `existing_cluster_name`"),
        ("run_job_task: {job_id: '${resources.jobs.a.id}'}", "write `flow`"),
        ("pipeline_task: {pipeline_id: '${var.p}'}", "write `flow`"),
    ],
)
def test_a_variable_for_an_id_is_told_with_our_field(findings: Findings, task: str, word: str) -> None:
    [found] = findings({FILE: f"tasks: [{{task_key: a, {task}}}]"})

    assert found.startswith("bundle-variable: ") and word in found


def test_a_variable_in_place_of_a_number_is_one_finding(findings: Findings) -> None:
    [found] = findings({FILE: "max_concurrent_runs: ${var.runs}\ntasks: [{task_key: a, serverless: true}]"})

    assert found.startswith("bundle-variable: `${var.runs}`")


@pytest.mark.parametrize("text", ["${HOME}", "${spark.x}", "{{job.id}}", "{{input}}"])
def test_other_references_are_no_variables_of_bundles(deployed: Deployed, text: str) -> None:
    deployed({FILE: TASK.format(text)})
    deployed({FILE: "description: like ${var.x} of a bundle\ntasks: [{task_key: a, serverless: true}]"})


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("bundle: {name: taxi}\nresources: {jobs: {load: {tasks: [{task_key: a}]}}}", "bundle"),
        ("resources: {pipelines: {facts: {name: facts}}}", "resources"),
        ("bundle: {name: taxi}\ntargets: {dev: {mode: development}}\nvariables: {x: {default: 1}}", "bundle"),
        ("targets: {dev: {mode: development}}\ntasks: [{task_key: a, serverless: true}]", "targets"),
        ("variables: {x: {default: 1}}", "variables"),
    ],
)
def test_a_file_of_a_bundle_points_to_the_guide(findings: Findings, text: str, key: str) -> None:
    """And gives no other finding."""
    assert findings({FILE: text}) == [
        f"bundle-file: `{key}` belongs to a file of Databricks' bundles, which is no deployment.yml "
        "(`mesh import bundle` writes it as flows, see docs/bundles.md)"
    ]


def test_a_databricks_yml_in_place_of_a_deployment_yml_is_told(
    findings: Findings, deployed: Deployed
) -> None:
    """Beside a deployment.yml it may belong to a bundle of the same folder."""
    deployed({f"{FLOW}/databricks.yml": "bundle: {name: x}"})

    assert findings({f"{PROJECT}/flows/prep/tips/databricks.yml": "bundle: {name: x}"}) == [
        "bundle-file: is a file of Databricks' bundles, which is not read (`mesh import bundle` writes it as flows, see docs/bundles.md)"
    ]
