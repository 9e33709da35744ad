"""Runs of some tasks of a job: `only` of `run-now`."""

from collections.abc import Sequence

from local.workspace.errors import invalid
from local.workspace.store import Json


def only_tasks(settings: Json, keys: Sequence[str], earlier: Sequence[Json]) -> Json:
    """Return the settings of a job for a run of some of its tasks: the other tasks are disabled.

    A disabled task does not block the tasks that depend on it. Its task values are those of the last run in
    which it succeeded; Databricks does not document what they are there.

    Args:
        settings: the settings of the job.
        keys: the tasks to run.
        earlier: the runs of the job, oldest first.

    Raises:
        DatabricksError: 400, the job has no such task.
    """
    tasks = settings.get("tasks") or []
    known = [task["task_key"] for task in tasks]
    if unknown := [key for key in keys if key not in known]:
        raise invalid(f"the job has no task {', '.join(unknown)} (its tasks: {', '.join(known)})")
    return {**settings, "tasks": [_task(task, keys, earlier) for task in tasks]}


def _task(task: Json, keys: Sequence[str], earlier: Sequence[Json]) -> Json:
    key = task["task_key"]
    return task if key in keys else {**task, "disabled": True, "task_values": _values(key, earlier)}


def _values(key: str, earlier: Sequence[Json]) -> Json:
    """Return the values that a task set in the last run in which it succeeded."""
    for run in reversed(earlier):
        for task in run["tasks"]:
            if task["task_key"] == key and task["state"].get("result_state") == "SUCCESS":
                values: Json = task.get("task_values") or {}
                return values
    return {}
