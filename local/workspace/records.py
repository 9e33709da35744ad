"""The records of job runs on disk: a folder for each run with its record and the logs of its tasks."""

import json
import shutil
from pathlib import Path

from local.home import write_private
from local.workspace.errors import missing
from local.workspace.store import Json, now

# As long as Databricks keeps them.
KEPT_MS = 60 * 24 * 3600 * 1000
ENDED = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")


class Records:
    """All runs of a workspace, oldest first; a run that was active when they were last written is dead.

    Args:
        folder: where the runs' folders are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.runs: dict[int, Json] = {}
        for file in sorted(folder.glob("*/run.json"), key=lambda file: int(file.parent.name)):
            run = json.loads(file.read_text(encoding="utf-8"))
            if run["start_time"] < now() - KEPT_MS:
                shutil.rmtree(file.parent)
                continue
            self.runs[run["run_id"]] = run
            if is_active(run):
                end_run(run, "INTERNAL_ERROR", None, "The workspace was stopped while this run was active.")
                self.save(run)

    def add(self, run: Json) -> None:
        """Take up a new run."""
        self.folder(run).mkdir(parents=True, exist_ok=True)
        self.runs[run["run_id"]] = run
        self.save(run)

    def save(self, run: Json) -> None:
        """Write a run's record."""
        write_private(self.folder(run) / "run.json", json.dumps(run))

    def remove(self, run: Json) -> None:
        """Forget a run and its logs."""
        del self.runs[run["run_id"]]
        shutil.rmtree(self.folder(run))

    def folder(self, run: Json) -> Path:
        """Return the folder of a run."""
        return self._folder / str(run["run_id"])

    def find(self, run_id: int) -> Json:
        """Return a run.

        Raises:
            DatabricksError: 404, there is none of that number.
        """
        if run_id not in self.runs:
            raise missing("Run", run_id)
        return self.runs[run_id]

    def find_task(self, run_id: int) -> tuple[Json, Json | None]:
        """Return the run and, if the number is that of a task's run or an iteration's, that one.

        Raises:
            DatabricksError: 404, there is none of that number.
        """
        for run in self.runs.values():
            for task in run["tasks"]:
                for each in (task, *(task.get("iterations") or ())):
                    if each["run_id"] == run_id:
                        return run, each
        return self.find(run_id), None

    def of_job(self, job_id: int) -> list[Json]:
        """Return a job's runs, oldest first."""
        return [run for run in self.runs.values() if run.get("job_id") == job_id]


def is_active(record: Json) -> bool:
    """Say whether a run or a task of one has not ended."""
    return record["state"]["life_cycle_state"] not in ENDED


def end(record: Json, life_cycle: str, result: str | None, message: str) -> None:
    """Record that a run or a task of one has ended."""
    moment = now()
    record["state"] = {"life_cycle_state": life_cycle, "state_message": message}
    if result:
        record["state"]["result_state"] = result
    record["end_time"] = moment
    record["run_duration"] = record["execution_duration"] = moment - (record.get("start_time") or moment)


def end_run(run: Json, life_cycle: str, result: str | None, message: str) -> None:
    """Record that a run has ended, and with it those of its tasks and iterations that had not."""
    for task in run["tasks"]:
        for each in (*(task.get("iterations") or ()), task):
            if is_active(each):
                end(each, life_cycle, result, message)
    end(run, life_cycle, result, message)
