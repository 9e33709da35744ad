"""Which tasks run after others, and the result of a run."""

import pytest

from local.workspace.workflows.outcomes import run_if_result, run_result


@pytest.mark.parametrize(
    ("run_if", "upstream", "result"),
    [
        ("ALL_SUCCESS", ["SUCCESS", "EXCLUDED"], None),
        ("ALL_SUCCESS", ["SUCCESS", "DISABLED"], None),
        ("ALL_SUCCESS", ["EXCLUDED", "EXCLUDED"], "EXCLUDED"),
        ("ALL_SUCCESS", ["SUCCESS", "FAILED"], "UPSTREAM_FAILED"),
        ("ALL_SUCCESS", ["SUCCESS", "CANCELED"], "UPSTREAM_CANCELED"),
        ("ALL_DONE", ["FAILED", "FAILED"], None),
        ("NONE_FAILED", ["SUCCESS", "CANCELED"], None),
        ("NONE_FAILED", ["SUCCESS", "TIMEDOUT"], "UPSTREAM_FAILED"),
        ("AT_LEAST_ONE_SUCCESS", ["SUCCESS", "FAILED"], None),
        ("AT_LEAST_ONE_SUCCESS", ["FAILED", "FAILED"], "UPSTREAM_FAILED"),
        ("ALL_FAILED", ["FAILED", "UPSTREAM_FAILED"], None),
        ("ALL_FAILED", ["FAILED", "SUCCESS"], "EXCLUDED"),
        ("AT_LEAST_ONE_FAILED", ["FAILED", "SUCCESS"], None),
        ("AT_LEAST_ONE_FAILED", ["SUCCESS", "SUCCESS"], "EXCLUDED"),
    ],
)
def test_a_task_runs_if_its_run_if_holds(run_if, upstream, result):
    assert run_if_result(run_if, upstream) == result


def task(key: str, result: str, *upstream: str) -> dict:
    """A task that has ended."""
    return {
        "task_key": key,
        "state": {"result_state": result},
        "depends_on": [{"task_key": each} for each in upstream],
    }


@pytest.mark.parametrize(
    ("tasks", "result"),
    [
        ([task("a", "SUCCESS"), task("b", "SUCCESS", "a")], ("SUCCESS", "")),
        ([task("a", "FAILED"), task("b", "SUCCESS", "a")], ("SUCCESS_WITH_FAILURES", "Task a failed.")),
        ([task("a", "FAILED"), task("b", "UPSTREAM_FAILED", "a")], ("FAILED", "Task a failed.")),
        ([task("a", "SUCCESS"), task("b", "CANCELED", "a")], ("CANCELED", "A task was cancelled.")),
    ],
)
def test_the_leaf_tasks_decide_the_result_of_a_run(tasks, result):
    assert run_result({"tasks": tasks}) == result
