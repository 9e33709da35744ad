"""How a job's run goes: what may start when, how often it is tried, and how the whole ended."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from local.home import Home, read_status
from local.workspace import tasks
from local.workspace.parameters import UnknownReferenceError, of_task, resolve
from local.workspace.records import Records, end, end_run, is_active
from local.workspace.store import Json, now

_log = logging.getLogger(__name__)
_FAILED = {"FAILED", "TIMEDOUT", "UPSTREAM_FAILED"}
_CANCELED = {"CANCELED", "UPSTREAM_CANCELED"}
_NOT_RUN = {"EXCLUDED"}


class Executor:
    """Runs jobs: tasks of all runs share the machine, two at a time.

    Args:
        home: where notebooks and the status file are.
        records: the runs.
        notebook_command: what a notebook is run with; it gets the path of a spec file.
        parallel: how many tasks may run at the same time.
    """

    def __init__(
        self,
        home: Home,
        records: Records,
        notebook_command: Sequence[str] = tasks.NOTEBOOK_COMMAND,
        parallel: int = 2,
    ) -> None:
        self._home = home
        self._records = records
        self._notebook_command = notebook_command
        self._slots = asyncio.Semaphore(parallel)
        self._active: dict[int, asyncio.Task[None]] = {}
        self._ending: dict[int, tuple[str, str | None, str]] = {}

    def start(self, run: Json) -> None:
        """Begin a run, or let it wait or skip it when its job runs as often as it may already."""
        settings = run["settings"]
        most = settings.get("max_concurrent_runs", 1)
        if run.get("job_id") and self._running(run["job_id"]) >= most:
            if (settings.get("queue") or {}).get("enabled"):
                run["state"] = {"life_cycle_state": "QUEUED", "state_message": "Waiting for another run."}
            else:
                message = f"Another run is active; max_concurrent_runs is {most}."
                end_run(run, "SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", message)
            self._records.add(run)
            return
        self._records.add(run)
        self._launch(run)

    def cancel(self, run: Json) -> None:
        """Stop a run and its tasks. One that has ended stays as it is."""
        self._end(run, "TERMINATED", "CANCELED", "Run cancelled.")

    def cancel_all(self, job_id: int) -> None:
        """Stop every active run of a job."""
        for run in self._records.of_job(job_id):
            self.cancel(run)

    async def close(self) -> None:
        """Stop everything, because the workspace stops."""
        running = list(self._active.values())
        for run in list(self._records.runs.values()):
            self._end(run, "INTERNAL_ERROR", None, "The workspace was stopped while this run was active.")
        await asyncio.gather(*running, return_exceptions=True)

    def _running(self, job_id: int) -> int:
        return sum(run["run_id"] in self._active for run in self._records.of_job(job_id))

    def _launch(self, run: Json) -> None:
        run["state"] = {"life_cycle_state": "RUNNING", "state_message": "In run"}
        self._active[run["run_id"]] = asyncio.create_task(self._run(run))

    def _end(self, run: Json, life_cycle: str, result: str | None, message: str) -> None:
        active = self._active.get(run["run_id"])
        if active is not None:
            self._ending.setdefault(run["run_id"], (life_cycle, result, message))
            run["state"] = {"life_cycle_state": "TERMINATING", "state_message": message}
            active.cancel()
        elif is_active(run):
            end_run(run, life_cycle, result, message)
            self._records.save(run)

    async def _run(self, run: Json) -> None:
        run_id, seconds = run["run_id"], run["settings"].get("timeout_seconds") or None
        try:
            async with asyncio.timeout(seconds):
                await self._all_tasks(run)
            end(run, "TERMINATED", *_verdict(run))
        except TimeoutError:
            end_run(run, "TERMINATED", "TIMEDOUT", f"The run took longer than {seconds} seconds.")
        except asyncio.CancelledError:
            end_run(run, *self._ending.get(run_id, ("INTERNAL_ERROR", None, "The run was interrupted.")))
        except Exception as error:
            _log.exception("run %s", run_id)
            end_run(run, "INTERNAL_ERROR", "FAILED", f"The workspace could not run it: {error!r}")
        finally:
            del self._active[run_id]
            self._ending.pop(run_id, None)
            self._records.save(run)
            self._launch_next(run.get("job_id"))

    def _launch_next(self, job_id: int | None) -> None:
        queued = [
            run
            for run in (self._records.of_job(job_id) if job_id else [])
            if run["state"]["life_cycle_state"] == "QUEUED"
        ]
        if queued:
            self._launch(queued[0])

    async def _all_tasks(self, run: Json) -> None:
        ended = {task["task_key"]: asyncio.Event() for task in run["tasks"]}
        async with asyncio.TaskGroup() as group:
            for task in run["tasks"]:
                group.create_task(self._task(run, task, ended))

    async def _task(self, run: Json, task: Json, ended: Mapping[str, asyncio.Event]) -> None:
        upstream = [each["task_key"] for each in task.get("depends_on") or []]
        for key in upstream:
            await ended[key].wait()
        results = [each["state"].get("result_state") for each in run["tasks"] if each["task_key"] in upstream]
        reason = why_not(task.get("run_if", "ALL_SUCCESS"), results)
        if reason is None:
            await self._attempts(run, task)
        else:
            end(task, "TERMINATED", reason, f"{task['task_key']} did not run: {reason}.")
        self._records.save(run)
        ended[task["task_key"]].set()

    async def _attempts(self, run: Json, task: Json) -> None:
        retries = task.get("max_retries") or 0
        while True:
            async with self._slots:
                outcome = await self._attempt(run, task)
            again = outcome.state == "FAILED" or (
                outcome.state == "TIMEDOUT" and task.get("retry_on_timeout")
            )
            if not again or (retries >= 0 and task["attempt_number"] >= retries):
                break
            self._state(run, task, "WAITING_FOR_RETRY")
            await asyncio.sleep((task.get("min_retry_interval_millis") or 0) / 1000)
            task["attempt_number"] += 1
        task["output"] = {
            "error": outcome.error,
            "error_trace": outcome.error_trace,
            "result": outcome.result,
            "tables": list(outcome.tables),
        }
        end(task, "TERMINATED", outcome.state, outcome.error or "")

    async def _attempt(self, run: Json, task: Json) -> tasks.Outcome:
        task["start_time"] = now()
        self._state(run, task, "RUNNING")
        status = read_status(self._home)
        url = status.url if status else ""
        environment = {"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": status.token} if status else {}
        if status and status.spark_remote:
            environment["SPARK_REMOTE"] = status.spark_remote
        try:
            attempt = tasks.Attempt(
                task=resolve(task, of_task(run, task, url)),
                parameters={each["name"]: each["value"] for each in run["job_parameters"]},
                folder=self._records.folder(run),
                number=task["attempt_number"],
                environment=environment,
            )
            return await tasks.run(attempt, self._home, self._notebook_command)
        except (tasks.CannotRunError, UnknownReferenceError, OSError) as error:
            return tasks.Outcome("FAILED", str(error))

    def _state(self, run: Json, task: Json, life_cycle: str) -> None:
        task["state"] = {"life_cycle_state": life_cycle, "state_message": ""}
        self._records.save(run)


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
    good = [result == "SUCCESS" for result in results]
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


def _verdict(run: Json) -> tuple[str, str]:
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
