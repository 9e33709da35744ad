"""What follows from how tasks ended: which of the others may run, and how the whole run ended."""

from collections.abc import Callable, Sequence

from local.workspace.store import Json

_FAILED = {"FAILED", "TIMEDOUT", "UPSTREAM_FAILED"}
_CANCELED = {"CANCELED", "UPSTREAM_CANCELED"}
_NOT_RUN = {"EXCLUDED"}
# A task that was disabled is in nobody's way.
_GOOD = {"SUCCESS", "DISABLED"}


def reason(run: Json, task: Json, upstream: Sequence[Json]) -> str | None:
    """Return the result of a task that may not run after those it depends on, None when it may.

    Args:
        run: the run, with the results of its tasks so far.
        task: the task.
        upstream: its `depends_on`.
    """
    by_key = {each["task_key"]: each for each in run["tasks"]}
    run_if, results = task.get("run_if", "ALL_SUCCESS"), []
    for each in upstream:
        other = by_key[each["task_key"]]
        result = other["state"].get("result_state")
        wanted, judged = each.get("outcome"), (other.get("condition_task") or {}).get("outcome")
        if result == "SUCCESS" and wanted is not None and str(wanted).lower() != judged:
            # The branch that a condition did not take. Only who asks for less than all may still run.
            if run_if == "ALL_SUCCESS":
                return "EXCLUDED"
            result = "EXCLUDED"
        results.append(result)
    return why_not(run_if, results)


def why_not(run_if: str, upstream: Sequence[str | None]) -> str | None:
    """Return the result of a task that may not run after what it depends on, None when it may.

    Args:
        run_if: the task's condition, as the Jobs API names them.
        upstream: the results of the tasks that it depends on.
    """
    results = [result for result in upstream if result not in _NOT_RUN]
    if upstream and not results:
        return "EXCLUDED"
    failed = [result in _FAILED for result in results]
    good = [result in _GOOD for result in results]
    holds: dict[str, Callable[[], bool]] = {
        "ALL_SUCCESS": lambda: all(good),
        "ALL_DONE": lambda: True,
        "NONE_FAILED": lambda: not any(failed),
        "AT_LEAST_ONE_SUCCESS": lambda: any(good) or not results,
        "ALL_FAILED": lambda: all(failed) and bool(failed),
        "AT_LEAST_ONE_FAILED": lambda: any(failed),
    }
    if holds.get(run_if, holds["ALL_SUCCESS"])():
        return None
    if run_if in ("ALL_FAILED", "AT_LEAST_ONE_FAILED"):
        return "EXCLUDED"
    return "UPSTREAM_CANCELED" if any(result in _CANCELED for result in results) else "UPSTREAM_FAILED"


def verdict(run: Json) -> tuple[str, str]:
    """Return how a run ended, judged as Databricks does by the tasks that nothing depends on."""
    depended_on = {each["task_key"] for task in run["tasks"] for each in task.get("depends_on") or []}
    results = {task["task_key"]: task["state"].get("result_state") for task in run["tasks"]}
    leaves = {result for key, result in results.items() if key not in depended_on}
    failed = [key for key, result in results.items() if result in ("FAILED", "TIMEDOUT")]
    if leaves & _FAILED:
        return "FAILED", f"Task {', '.join(failed)} failed."
    if leaves & _CANCELED:
        return "CANCELED", "A task was cancelled."
    return ("SUCCESS_WITH_FAILURES", f"Task {', '.join(failed)} failed.") if failed else ("SUCCESS", "")
