"""Decides which tasks run, from the results of their dependencies, and computes the result of the run."""

from collections.abc import Callable, Sequence

from local.workspace.store import Json

_FAILED = {"FAILED", "TIMEDOUT", "UPSTREAM_FAILED"}
_CANCELED = {"CANCELED", "UPSTREAM_CANCELED"}
_NOT_RUN = {"EXCLUDED"}
# A disabled task does not block the tasks that depend on it.
_SUCCEEDED = {"SUCCESS", "DISABLED"}


def skip_result(run: Json, task: Json, upstream: Sequence[Json]) -> str | None:
    """Return the result of a task that must not run, or None if the task must run.

    Args:
        run: the run, with the results of its ended tasks.
        task: a task whose dependencies have ended.
        upstream: its `depends_on`.
    """
    by_key = {each["task_key"]: each for each in run["tasks"]}
    run_if, results = task.get("run_if", "ALL_SUCCESS"), []
    for each in upstream:
        other = by_key[each["task_key"]]
        result = other["state"].get("result_state")
        expected, actual = each.get("outcome"), (other.get("condition_task") or {}).get("outcome")
        if result == "SUCCESS" and expected is not None and str(expected).lower() != actual:
            # The condition did not take this branch. The task can still run if it does not need ALL_SUCCESS.
            if run_if == "ALL_SUCCESS":
                return "EXCLUDED"
            result = "EXCLUDED"
        results.append(result)
    return run_if_result(run_if, results)


def run_if_result(run_if: str, upstream: Sequence[str | None]) -> str | None:
    """Return the result of a task whose `run_if` does not hold, or None if it holds.

    Args:
        run_if: a value of the Jobs API.
        upstream: the results of the tasks that the task depends on.
    """
    results = [result for result in upstream if result not in _NOT_RUN]
    if upstream and not results:
        return "EXCLUDED"
    failed = [result in _FAILED for result in results]
    succeeded = [result in _SUCCEEDED for result in results]
    holds: dict[str, Callable[[], bool]] = {
        "ALL_SUCCESS": lambda: all(succeeded),
        "ALL_DONE": lambda: True,
        "NONE_FAILED": lambda: not any(failed),
        "AT_LEAST_ONE_SUCCESS": lambda: any(succeeded) or not results,
        "ALL_FAILED": lambda: all(failed) and bool(failed),
        "AT_LEAST_ONE_FAILED": lambda: any(failed),
    }
    if holds.get(run_if, holds["ALL_SUCCESS"])():
        return None
    if run_if in ("ALL_FAILED", "AT_LEAST_ONE_FAILED"):
        return "EXCLUDED"
    return "UPSTREAM_CANCELED" if any(result in _CANCELED for result in results) else "UPSTREAM_FAILED"


def run_result(run: Json) -> tuple[str, str]:
    """Return the result and the message of a run. As on Databricks, its leaf tasks decide."""
    depended_on = {each["task_key"] for task in run["tasks"] for each in task.get("depends_on") or []}
    results = {task["task_key"]: task["state"].get("result_state") for task in run["tasks"]}
    leaves = {result for key, result in results.items() if key not in depended_on}
    failed = [key for key, result in results.items() if result in ("FAILED", "TIMEDOUT")]
    if leaves & _FAILED:
        return "FAILED", f"Task {', '.join(failed)} failed."
    if leaves & _CANCELED:
        return "CANCELED", "A task was cancelled."
    return ("SUCCESS_WITH_FAILURES", f"Task {', '.join(failed)} failed.") if failed else ("SUCCESS", "")
