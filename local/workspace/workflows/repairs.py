"""Repair of runs: some tasks run again as part of the same run.

Source: Databricks Jobs API, "Repair a job run".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from local.workspace.errors import invalid
from local.workspace.store import Json, Store, now_ms
from local.workspace.workflows.records import is_active, new_task

_UNSUCCESSFUL = ("FAILED", "TIMEDOUT", "CANCELED", "UPSTREAM_FAILED", "UPSTREAM_CANCELED", None)


def repair(store: Store, run: Json, settings: Json, body: Json) -> int:
    """Prepare a run that has ended for running some of its tasks again; return the id of the repair.

    Args:
        store: provides the ids.
        run: the record of the run, which is changed: the chosen tasks are new, the others keep their results.
        settings: the current settings of the job.
        body: `rerun_tasks`, or `rerun_all_failed_tasks`, which includes tasks that failed tasks kept from
            running; `rerun_dependent_tasks` adds the tasks that depend on them, even if they succeeded;
            `latest_repair_id` of a run that was repaired before; `job_parameters` for new values.

    Raises:
        DatabricksError: 400, the run is active, a task or parameter is unknown, there is nothing to run
            again, or the latest repair is another one.
    """
    history = run.setdefault("repair_history", [])
    _check(run, body, history)
    keys = _chosen(run, body)
    # a task that the job no longer has keeps its settings
    current = {task["task_key"]: task for task in (*run["settings"]["tasks"], *(settings.get("tasks") or []))}
    _check_dependencies(run, [current[key] for key in keys])
    before = [_entry(run, "ORIGINAL")] if not history else []
    repair_id = store.next_id("repair")
    run["former_tasks"] = [
        *run.get("former_tasks", []),
        *(task for task in run["tasks"] if task["task_key"] in keys),
    ]
    run["tasks"] = [
        new_task(store, current[task["task_key"]]) if task["task_key"] in keys else task
        for task in run["tasks"]
    ]
    _set_parameters(run, body.get("job_parameters") or {})
    run["state"] = {"life_cycle_state": "PENDING", "state_message": ""}
    run["repair_history"] = [*history, *before, {**_entry(run, "REPAIR"), "id": repair_id}]
    for field in ("end_time", "run_duration", "execution_duration"):
        run.pop(field, None)
    return repair_id


def dependents(tasks: Iterable[Json], keys: Iterable[str]) -> set[str]:
    """Return tasks with the tasks that depend on them, directly or not."""
    tasks, found = list(tasks), set(keys)
    while more := {
        task["task_key"]
        for task in tasks
        if task["task_key"] not in found
        and any(each["task_key"] in found for each in task.get("depends_on") or [])
    }:
        found |= more
    return found


def _check(run: Json, body: Json, history: list[Json]) -> None:
    if is_active(run):
        raise invalid(f"Run {run['run_id']} is active: a run can be repaired when it has ended.")
    latest = next((each["id"] for each in reversed(history) if "id" in each), None)
    given = body.get("latest_repair_id")
    if latest is not None and given is not None and int(given) != latest:
        raise invalid(f"the latest repair of run {run['run_id']} is {latest}, not {given}")
    known = [each["name"] for each in run["job_parameters"]]
    if unknown := sorted(set(body.get("job_parameters") or {}) - set(known)):
        raise invalid(f"the run has no parameter {', '.join(unknown)} (its parameters: {', '.join(known)})")
    if body.get("rerun_tasks") and body.get("rerun_all_failed_tasks"):
        raise invalid("only one of rerun_tasks and rerun_all_failed_tasks can be set")


def _check_dependencies(run: Json, tasks: Iterable[Json]) -> None:
    known = {task["task_key"] for task in run["tasks"]}
    for task in tasks:
        for each in task.get("depends_on") or []:
            if each["task_key"] not in known:
                raise invalid(
                    f"task {task['task_key']} now depends on {each['task_key']}, which is not part of run "
                    f"{run['run_id']}: run the job again"
                )


def _chosen(run: Json, body: Json) -> set[str]:
    known = [task["task_key"] for task in run["tasks"]]
    keys = set(body.get("rerun_tasks") or ())
    if unknown := sorted(keys - set(known)):
        raise invalid(f"run {run['run_id']} has no task {', '.join(unknown)} (its tasks: {', '.join(known)})")
    if body.get("rerun_all_failed_tasks"):
        keys = {
            task["task_key"] for task in run["tasks"] if task["state"].get("result_state") in _UNSUCCESSFUL
        }
    if not keys:
        raise invalid(f"run {run['run_id']} has no task to run again")
    results = {task["task_key"]: task["state"].get("result_state") for task in run["tasks"]}
    # a run of some tasks stays one
    downstream = {key for key in dependents(run["tasks"], keys) - keys if results[key] != "DISABLED"}
    if body.get("rerun_dependent_tasks"):
        return keys | downstream
    # a branch that was not taken depends on what the repaired tasks result in
    return keys | {key for key in downstream if results[key] == "EXCLUDED"}


def _set_parameters(run: Json, values: Mapping[str, Any]) -> None:
    """Change the values of parameters of a run."""
    known = {each["name"]: each for each in run["job_parameters"]}
    for name, value in values.items():
        known[name]["value"] = str(value)


def _entry(run: Json, type: str) -> Json:
    """Return an entry of the history of repairs."""
    return {
        "type": type,
        "start_time": run["start_time"] if type == "ORIGINAL" else now_ms(),
        "task_run_ids": [task["run_id"] for task in run["tasks"]],
        "state": dict(run["state"]),
    }
