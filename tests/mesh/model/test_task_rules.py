"""Fields of tasks that Databricks refuses are findings, each with its remedy."""

from __future__ import annotations

import pytest

from mesh.model.task_rules import RULES
from tests.mesh.conftest import FLOW, Deployed, Findings

FILE = f"{FLOW}/deployment.yml"
LIBRARY = "libraries: [{pypi: {package: numpy}}]"
CLUSTER = "job_cluster_key: common-job-cluster"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (
            f"serverless: true, {LIBRARY}",
            "libraries-without-cluster: task `a` has libraries, but it is serverless, and libraries are installed on clusters",
        ),
        (
            f'for_each_task: {{inputs: "[1]", task: {{task_key: b, {CLUSTER}, notebook_task: '
            f"{{notebook_path: a}}}}}}, {LIBRARY}",
            "libraries-without-cluster: task `a` has libraries, but it only repeats another task, and has no cluster",
        ),
        (
            f'for_each_task: {{inputs: "[1]", task: {{task_key: b, serverless: true, {LIBRARY}, notebook_task: '
            "{notebook_path: a}}}",
            "libraries-without-cluster: task `b` has libraries, but it is serverless, and libraries are installed on clusters",
        ),
        (
            f"condition_task: {{op: EQUAL_TO, left: a, right: b}}, {LIBRARY}",
            "libraries-without-cluster: task `a` has libraries, but it is a condition, and has no cluster",
        ),
        (
            'for_each_task: {inputs: "[1]", task: {task_key: b, for_each_task: {inputs: "[2]", task: '
            "{task_key: c, serverless: true, notebook_task: {notebook_path: a}}}}}",
            "loop-in-loop: task `a` repeats a for_each_task, which Databricks refuses",
        ),
    ],
)
def test_what_databricks_refuses_of_a_task_is_a_finding(findings: Findings, task: str, expected: str) -> None:
    [found] = [
        one for one in findings({FILE: f"tasks: [{{task_key: a, {task}}}]"}) if "unknown-field" not in one
    ]

    assert found.partition(" (")[0] == expected


@pytest.mark.parametrize(
    "task",
    [
        f"{CLUSTER}, {LIBRARY}",
        f"existing_cluster_id: c, {LIBRARY}",
        f'for_each_task: {{inputs: "[1]", task: {{task_key: b, {CLUSTER}, {LIBRARY}, notebook_task: '
        "{notebook_path: a}}}",
        "serverless: true, libraries: []",
    ],
)
def test_the_same_fields_are_fine_on_a_cluster(deployed: Deployed, task: str) -> None:
    deployed({FILE: f"tasks: [{{task_key: a, {task}}}]"})


def test_each_rule_names_its_source() -> None:
    assert [rule.code for rule in RULES if not (rule.source and rule.remedy)] == []
