"""Records of job runs on disk: one folder for each run, with its record and the logs of its tasks."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.home import write_private
from local.workspace.errors import invalid, not_found
from local.workspace.store import Json, Store, current_user, now_ms
from local.workspace.workflows.parameters import job_parameters, run_references

# As on Databricks: 60 days.
RETENTION_MS = 60 * 24 * 3600 * 1000
END_STATES = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")


class RunRecords:
    """All runs of a workspace, oldest first. Ends runs that were active when the previous process stopped.

    Args:
        folder: the parent of the runs' folders.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.runs: dict[int, Json] = {}
        for file in sorted(folder.glob("*/run.json"), key=lambda file: int(file.parent.name)):
            run = json.loads(file.read_text(encoding="utf-8"))
            if run["start_time"] < now_ms() - RETENTION_MS:
                shutil.rmtree(file.parent)
                continue
            self.runs[run["run_id"]] = run
            if is_active(run):
                end_run(run, "INTERNAL_ERROR", None, "The workspace was stopped while this run was active.")
                self.save(run)

    def add(self, run: Json) -> None:
        """Add a new run."""
        self.folder(run).mkdir(parents=True, exist_ok=True)
        self.runs[run["run_id"]] = run
        self.save(run)

    def save(self, run: Json) -> None:
        """Write a run's record."""
        write_private(self.folder(run) / "run.json", json.dumps(run))

    def remove(self, run: Json) -> None:
        """Delete a run and its logs."""
        del self.runs[run["run_id"]]
        shutil.rmtree(self.folder(run))

    def folder(self, run: Json) -> Path:
        """Return the folder of a run."""
        return self._folder / str(run["run_id"])

    def find(self, run_id: int) -> Json:
        """Return a run.

        Raises:
            DatabricksError: 404, it does not exist.
        """
        if run_id not in self.runs:
            raise not_found("Run", run_id)
        return self.runs[run_id]

    def find_task(self, run_id: int) -> tuple[Json, Json | None]:
        """Return a run by its id or by the run id of a task or an iteration, and that task or iteration.

        Raises:
            DatabricksError: 404, it does not exist.
        """
        for run in self.runs.values():
            for task in (*run["tasks"], *run.get("former_tasks", ())):
                for each in (task, *(task.get("iterations") or ())):
                    if each["run_id"] == run_id:
                        return run, each
        return self.find(run_id), None

    def of_job(self, job_id: int) -> list[Json]:
        """Return a job's runs, oldest first."""
        return [run for run in self.runs.values() if run.get("job_id") == job_id]


def is_active(record: Json) -> bool:
    """Return whether a run or a task has not ended."""
    return record["state"]["life_cycle_state"] not in END_STATES


def end(record: Json, life_cycle: str, result: str | None, message: str) -> None:
    """End a run or a task: set its state, its result and its duration."""
    moment = now_ms()
    record["state"] = {"life_cycle_state": life_cycle, "state_message": message}
    if result:
        record["state"]["result_state"] = result
    record["end_time"] = moment
    record["run_duration"] = record["execution_duration"] = moment - (record.get("start_time") or moment)


def end_run(run: Json, life_cycle: str, result: str | None, message: str) -> None:
    """End a run and all its active tasks and iterations."""
    for task in run["tasks"]:
        for each in (*(task.get("iterations") or ()), task):
            if is_active(each):
                end(each, life_cycle, result, message)
    end(run, life_cycle, result, message)


# Ids of task runs begin here, so that they differ from ids of runs.
_FIRST_TASK_RUN_ID = 1_000_000


def new_run(store: Store, settings: Json, values: Mapping[str, Any], url: str) -> Json:
    """Return the record of a new run.

    Args:
        store: provides the ids.
        settings: the settings of the job or of the submitted run.
        values: values for the job's parameters.
        url: the workspace's address.

    Raises:
        DatabricksError: 400, there are no tasks.
        UnknownReferenceError: a value is given for a parameter that the job lacks.
    """
    if not settings.get("tasks"):
        raise invalid("the job has no tasks")
    run_id = store.next_id("run")
    run = {
        "run_id": run_id,
        "original_attempt_run_id": run_id,
        "number_in_job": run_id,
        "creator_user_name": current_user(),
        "run_name": settings.get("name", "Untitled"),
        "run_type": "JOB_RUN",
        "format": "MULTI_TASK",
        "trigger": "ONE_TIME",
        "start_time": now_ms(),
        "state": {"life_cycle_state": "PENDING", "state_message": ""},
        "settings": settings,
        "tasks": [new_task(store, task) for task in settings["tasks"]],
    }
    texts = {name: str(value) for name, value in values.items()}
    run["job_parameters"] = job_parameters(settings.get("parameters") or [], texts, run_references(run, url))
    return run


def new_task(store: Store, settings: Json) -> Json:
    """Return the record of a new task or iteration."""
    life_cycle = "BLOCKED" if settings.get("depends_on") else "PENDING"
    state = {"life_cycle_state": life_cycle, "state_message": ""}
    run_id = store.next_id("task_run") + _FIRST_TASK_RUN_ID
    return {**settings, "run_id": run_id, "attempt_number": 0, "state": state}
