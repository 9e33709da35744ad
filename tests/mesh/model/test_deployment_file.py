"""Several jobs in one deployment.yml, and one task's fields in the job itself."""

from __future__ import annotations

import pytest

from mesh.errors import MeshError
from tests.mesh.conftest import FLOW, Deployed, Findings

FILE = f"{FLOW}/deployment.yml"
TWO = """
tags: {team: taxi}
reads: {}
jobs:
- name: nightly
  tags: {when: night}
  max_concurrent_runs: 2
  tasks: [{task_key: a, serverless: true}]
- name: backfill
  tasks:
  - {task_key: a, existing_cluster_id: c}
  - {task_key: then, run_job_task: {flow: prep/revenue/nightly}}
"""


@pytest.mark.parametrize(("env", "end"), [("dev", ""), ("prod", "")])
def test_each_entry_has_the_name_of_the_flow_followed_by_its_own(
    deployed: Deployed, env: str, end: str
) -> None:
    """Fields beside the list apply to all entries."""
    flow = deployed({FILE: TWO}, env).flow("prep/revenue")
    single = deployed({FILE: "tasks: [{task_key: a, serverless: true}]"}, env).flow("prep/revenue").job
    assert single is not None

    assert [job.name for job in flow.jobs] == [f"{single.name}_nightly", f"{single.name}_backfill"]
    assert [job.id for job in flow.jobs] == ["prep_revenue_nightly", "prep_revenue_backfill"]
    assert [job.settings["tags"]["team"] for job in flow.jobs] == ["taxi", "taxi"]
    assert [job.settings["tags"].get("when") for job in flow.jobs] == ["night", None]
    assert [job.settings["max_concurrent_runs"] for job in flow.jobs] == [2, 1]
    assert flow.jobs[1].settings["tasks"][1]["run_job_task"]["job_id"].logical_id == "prep_revenue_nightly"
    assert len(flow.schemas) == 1


def test_an_environment_may_override_one_entry(deployed: Deployed) -> None:
    text = TWO + "environments: {prod: {jobs: [{name: backfill, max_concurrent_runs: 7}]}}"
    runs = [job.settings["max_concurrent_runs"] for job in deployed({FILE: text}).flow("prep/revenue").jobs]
    assert runs == [2, 7]


def test_a_renamed_flow_keeps_its_jobs(deployed: Deployed) -> None:
    moved = deployed({FILE: TWO + "renamed_from: income"}).deployments[0].renames
    assert {
        ("prep_income_nightly", "prep_revenue_nightly"),
        ("prep_income_backfill", "prep_revenue_backfill"),
    } <= {(one.former, one.id) for one in moved if one.kind == "job"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("jobs: []", "empty-list"),
        ("jobs: {a: {}}", "wrong-type"),
        ("jobs: [5]", "wrong-type"),
        ("jobs: [{tasks: [{task_key: a, serverless: true}]}]", "missing-field"),
        ("jobs: [{name: a}]", "missing-field"),
        ("jobs: [{name: a b, tasks: [{task_key: a, serverless: true}]}]", "wrong-type"),
        ("jobs: [{name: n, tasks: [{task_key: a, serverless: true}], schemas: [x]}]", "not-by-entry"),
        ("jobs: [{name: n, tasks: [{task_key: a, serverless: true}], schedul: {}}]", "unknown-field"),
        ("jobs: [{name: n, tasks: [{task_key: a, job_cluster_key: k}]}]", "unknown-job-cluster"),
        ("jobs: [{name: n, tasks: [{task_key: a, serverless: true}], tags: {deployment: x}}]", "tag-taken"),
        (
            "jobs: [{name: n, tasks: [{task_key: a, serverless: true}]}, {name: n, tasks: [{task_key: a, serverless: true}]}]",
            "key-twice",
        ),
    ],
)
def test_errors_of_entries_are_findings(findings: Findings, text: str, code: str) -> None:
    assert [one.partition(":")[0] for one in findings({FILE: text})] == [code]


def test_the_fields_of_a_single_task_may_be_in_the_job(deployed: Deployed) -> None:
    """As in older files of brickops; the task and its notebook have the name of the flow."""
    text = (
        "name: anything\n"
        "max_retries: 2\n"
        "new_cluster: {node_type_id: n, num_workers: 1, spark_version: s}\n"
        "notebook_task: {notebook_path: a}\n"
        "git_source: {git_url: 'https://github.com/acme/mesh', git_provider: gitHub, git_branch: main}\n"
    )
    job = deployed({FILE: text}).flow("prep/revenue").job
    assert job is not None
    assert job.settings["tasks"] == [
        {
            "task_key": "revenue",
            "max_retries": 2,
            "new_cluster": {"node_type_id": "n", "num_workers": 1, "spark_version": "s"},
            "notebook_task": {"notebook_path": f"{FLOW}/a", "source": "GIT"},
        }
    ]
    assert job.name != "anything"
    assert job.settings["git_source"]["git_commit"] == "c" * 40
    short = deployed({FILE: "serverless: true", f"{FLOW}/revenue.py": ""}).flow("prep/revenue").job
    assert short is not None
    assert [task["task_key"] for task in short.settings["tasks"]] == ["revenue"]


def test_errors_of_a_single_task_have_their_positions(deployed: Deployed) -> None:
    with pytest.raises(MeshError) as caught:
        deployed({FILE: "serverless: true\nnotebook_task:\n  notebook_path: a\n  base_paramters: {}\n"})
    assert [(one.line, one.code) for one in caught.value.findings] == [(4, "unknown-field")]


def test_a_task_field_beside_tasks_is_a_finding(findings: Findings) -> None:
    [wrong] = findings({FILE: "new_cluster: {}\ntasks: [{task_key: a, serverless: true}]"})
    assert wrong.startswith("unknown-field: unknown field `new_cluster`")


def test_an_invalid_entry_is_reported_once(findings: Findings) -> None:
    [found] = findings({FILE: "pipelines: [!!binary YWJj]"})
    assert found.startswith("yaml-tag: ")
