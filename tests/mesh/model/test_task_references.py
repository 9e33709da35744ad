"""References in the fields of tasks."""

import pytest

from tests.mesh.conftest import FLOW, Findings

FILE = f"{FLOW}/deployment.yml"

TASK = 'serverless: true, notebook_task: {{notebook_path: a, base_parameters: {{x: "{}"}}}}'
LOOP = (
    'for_each_task: {{inputs: "{}", task: {{task_key: b, serverless: true,'
    ' notebook_task: {{notebook_path: a, base_parameters: {{x: "{{{{input.zone}}}}"}}}}}}}}'
)


def reported(findings: Findings, task: str) -> list[str]:
    found = findings({FILE: f"tasks: [{{task_key: a, {task}}}]"})
    return [each for each in found if each.startswith("unknown-reference")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{job.start_time.isodate}}", "`{{job.start_time.isodate}}` is no reference of Databricks"),
        ("at {{ tasks.z.values.n }}", "`{{tasks.z.values.n}}` names task `z`, which is not in this file"),
    ],
)
def test_a_reference_without_meaning_is_a_finding(findings: Findings, text: str, expected: str) -> None:
    for task in (TASK, LOOP):
        [found] = reported(findings, task.format(text))
        assert found.partition(" (")[0] == f"unknown-reference: {expected}"


@pytest.mark.parametrize(
    "text", ["{{job.id}}", "{{tasks.a.values.n}}", "{{no.such}}", "{{job.parameters.x}}"]
)
def test_references_of_databricks_and_other_text_are_none(findings: Findings, text: str) -> None:
    [other] = reported(findings, TASK.format(f"{text} {{{{job.wrong}}}}"))
    assert "`{{job.wrong}}`" in other
