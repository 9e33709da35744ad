"""What a run begins as: its record, and a record for each of its tasks."""

from collections.abc import Mapping
from typing import Any

from local.workspace.errors import invalid
from local.workspace.parameters import job_parameters, of_run
from local.workspace.store import Json, Store, now, user

# Numbers of tasks' runs begin here, so that none of them is a run's, too.
_TASK_RUNS = 1_000_000


def new_run(store: Store, settings: Json, given: Mapping[str, Any], url: str) -> Json:
    """Return the record of a run that has not started.

    Args:
        store: gives the numbers.
        settings: those of the job, or of a run that is of no job.
        given: values for the job's parameters.
        url: the workspace's address.

    Raises:
        DatabricksError: 400, there are no tasks.
        UnknownReferenceError: a value is given for a parameter that the job does not have.
    """
    if not settings.get("tasks"):
        raise invalid("the job has no tasks")
    run_id = store.next_id("run")
    run = {
        "run_id": run_id,
        "original_attempt_run_id": run_id,
        "number_in_job": run_id,
        "creator_user_name": user(),
        "run_name": settings.get("name", "Untitled"),
        "run_type": "JOB_RUN",
        "format": "MULTI_TASK",
        "trigger": "ONE_TIME",
        "start_time": now(),
        "state": {"life_cycle_state": "PENDING", "state_message": ""},
        "settings": settings,
        "tasks": [new_task(store, task) for task in settings["tasks"]],
    }
    texts = {name: str(value) for name, value in given.items()}
    run["job_parameters"] = job_parameters(settings.get("parameters") or [], texts, of_run(run, url))
    return run


def new_task(store: Store, settings: Json) -> Json:
    """Return the record of a task, or of one iteration of it, that has not started."""
    waits = "BLOCKED" if settings.get("depends_on") else "PENDING"
    state = {"life_cycle_state": waits, "state_message": ""}
    run_id = store.next_id("task_run") + _TASK_RUNS
    return {**settings, "run_id": run_id, "attempt_number": 0, "state": state}
