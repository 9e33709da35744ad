"""How a job's run goes: what may start when, how often it is tried, and how the whole ended."""

import asyncio
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from minilake.errors import DatabricksError

from local.home import Home, Status, read_status
from local.workspace.store import Json, Store, now
from local.workspace.workflows import conditions, outcomes, tasks
from local.workspace.workflows.parameters import UnknownReferenceError, of_task, resolve
from local.workspace.workflows.pipeline_updates import ACTIVE, Updates
from local.workspace.workflows.pipelines import find_pipeline
from local.workspace.workflows.records import Records, end, end_run, is_active, new_run, new_task

_log = logging.getLogger(__name__)
_SUCCEEDED = {"SUCCESS", "SUCCESS_WITH_FAILURES"}
_DECIDING = {"condition_task", "for_each_task", "run_job_task"}
# What one for_each_task may go over, as on Databricks.
_MOST_INPUTS = 5000


class Executor:
    """Runs jobs: tasks of all runs share the machine, two at a time.

    Tasks that only decide about others (conditions, loops, runs of other jobs) take no share of it.

    Args:
        home: where notebooks and the status file are.
        store: the jobs that tasks may run, and numbers for new runs.
        records: the runs.
        updates: runs what pipelines are made of.
        notebook_command: what a notebook is run with; it gets the path of a spec file.
        parallel: how many tasks may run at the same time.
    """

    def __init__(
        self,
        home: Home,
        store: Store,
        records: Records,
        updates: Updates,
        notebook_command: Sequence[str] = tasks.NOTEBOOK_COMMAND,
        parallel: int = 2,
    ) -> None:
        self._home = home
        self._store = store
        self._records = records
        self._updates = updates
        self._notebook_command = notebook_command
        self._slots = asyncio.Semaphore(parallel)
        self._active: dict[int, asyncio.Task[None]] = {}
        self._ending: dict[int, tuple[str, str | None, str]] = {}
        self._ended: dict[int, asyncio.Event] = {}

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
            self._tell_ended(run)

    def _tell_ended(self, run: Json) -> None:
        ended = self._ended.pop(run["run_id"], None)
        if ended:
            ended.set()

    async def _run(self, run: Json) -> None:
        run_id, seconds = run["run_id"], run["settings"].get("timeout_seconds") or None
        try:
            async with asyncio.timeout(seconds):
                await self._all_tasks(run)
            end(run, "TERMINATED", *outcomes.verdict(run))
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
            self._tell_ended(run)
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
        upstream = task.get("depends_on") or []
        for each in upstream:
            await ended[each["task_key"]].wait()
        reason = "DISABLED" if task.get("disabled") else outcomes.reason(run, task, upstream)
        if reason is None:
            await self._attempts(run, task)
        else:
            end(task, "TERMINATED", reason, f"{task['task_key']} did not run: {reason}.")
        self._records.save(run)
        ended[task["task_key"]].set()

    async def _attempts(self, run: Json, task: Json) -> None:
        retries = task.get("max_retries") or 0
        while True:
            outcome = await self._attempt(run, task)
            again = outcome.state == "FAILED" or (
                outcome.state == "TIMEDOUT" and task.get("retry_on_timeout")
            )
            if not again or (retries >= 0 and task["attempt_number"] >= retries):
                break
            self._state(run, task, "WAITING_FOR_RETRY")
            await asyncio.sleep((task.get("min_retry_interval_millis") or 0) / 1000)
            task["attempt_number"] += 1
        task["task_values"] = dict(outcome.task_values)
        task["output"] = {
            **(task.get("output") or {}),
            "error": outcome.error,
            "error_trace": outcome.error_trace,
            "result": outcome.result,
            "tables": list(outcome.tables),
        }
        end(task, "TERMINATED", outcome.state, outcome.error or "")

    async def _attempt(self, run: Json, task: Json) -> tasks.Outcome:
        status = read_status(self._home)
        known = of_task(run, task, status.url if status else "")
        try:
            if not task.keys() & _DECIDING and "pipeline_task" not in task:
                async with self._slots:
                    return await self._process(run, task, known, status)
            if "pipeline_task" in task:
                async with self._slots, asyncio.timeout(task.get("timeout_seconds") or None):
                    return await self._pipeline(run, task, known)
            self._begin(run, task)
            async with asyncio.timeout(task.get("timeout_seconds") or None):
                if "condition_task" in task:
                    return _condition(task, known)
                if "for_each_task" in task:
                    return await self._for_each(run, task, known)
                return await self._run_job(run, task, known, status)
        except TimeoutError:
            seconds = task.get("timeout_seconds")
            return tasks.Outcome("TIMEDOUT", f"the task ran longer than its timeout_seconds of {seconds}")
        except (
            tasks.CannotRunError,
            conditions.WrongConditionError,
            UnknownReferenceError,
            OSError,
        ) as error:
            return tasks.Outcome("FAILED", str(error))
        except DatabricksError as error:
            return tasks.Outcome("FAILED", error.message)

    async def _process(
        self, run: Json, task: Json, known: Mapping[str, str], status: Status | None
    ) -> tasks.Outcome:
        self._begin(run, task)
        attempt = tasks.Attempt(
            task=resolve(task, known),
            parameters={each["name"]: each["value"] for each in run["job_parameters"]},
            task_values={each["task_key"]: each.get("task_values") or {} for each in run["tasks"]},
            folder=self._records.folder(run),
            number=task["attempt_number"],
            environment=tasks.connection(status),
        )
        return await tasks.run(attempt, self._home, self._notebook_command)

    async def _pipeline(self, run: Json, task: Json, known: Mapping[str, str]) -> tasks.Outcome:
        self._begin(run, task)
        settings = resolve(task["pipeline_task"], known)
        pipeline = find_pipeline(self._store, str(settings.get("pipeline_id")))
        update = self._updates.start(pipeline, settings, "JOB_TASK")
        self._store.save()
        try:
            await self._updates.ended(update)
        finally:
            if update["state"] in ACTIVE:
                self._updates.stop(pipeline["pipeline_id"])
        log = self._updates.file(update, "log")
        if log.exists():
            name = f"{task['run_id']}.{task['attempt_number']}.log"
            shutil.copyfile(log, self._records.folder(run) / name)
        state = "SUCCESS" if update["state"] == "COMPLETED" else "FAILED"
        tables = update.get("tables") or ()
        return tasks.Outcome(state, update.get("error"), update.get("error_trace"), tables=tables)

    async def _for_each(self, run: Json, task: Json, known: Mapping[str, str]) -> tasks.Outcome:
        settings = task["for_each_task"]
        nested = settings.get("task") or {}
        if "for_each_task" in nested:
            raise tasks.CannotRunError("a for_each_task cannot hold another one")
        inputs = _inputs(resolve(str(settings.get("inputs", "")), known))
        task["iterations"] = [{**new_task(self._store, nested), "input": each} for each in inputs]
        self._store.save()
        slots = asyncio.Semaphore(settings.get("concurrency") or 1)

        async def one(iteration: Json) -> None:
            async with slots:
                await self._attempts(run, iteration)
            self._records.save(run)

        try:
            async with asyncio.TaskGroup() as group:
                for each in task["iterations"]:
                    group.create_task(one(each))
        finally:
            for each in filter(is_active, task["iterations"]):
                end(each, "TERMINATED", "CANCELED", "The loop was ended.")
        failed = [each for each in task["iterations"] if each["state"]["result_state"] != "SUCCESS"]
        if not failed:
            return tasks.Outcome("SUCCESS")
        return tasks.Outcome("FAILED", f"{len(failed)} of {len(inputs)} iterations failed.")

    async def _run_job(
        self, run: Json, task: Json, known: Mapping[str, str], status: Status | None
    ) -> tasks.Outcome:
        settings = resolve(task["run_job_task"], known)
        job = self._store.table("jobs").get(str(settings.get("job_id")))
        if job is None:
            raise tasks.CannotRunError(f"there is no job {settings.get('job_id')} to run")
        ancestors = [*run.get("ancestors", []), *filter(None, [run.get("job_id")])]
        if job["job_id"] in ancestors:
            path = " -> ".join(map(str, [*ancestors, job["job_id"]]))
            raise tasks.CannotRunError(f"jobs run each other in a circle: {path}")
        given = settings.get("job_parameters") or {}
        started = new_run(self._store, job["settings"], given, status.url if status else "")
        started.update(job_id=job["job_id"], ancestors=ancestors, trigger="RUN_JOB_TASK")
        self._store.save()
        task["output"] = {"run_id": started["run_id"]}
        self.start(started)
        self._records.save(run)
        try:
            if is_active(started):
                await self._ended.setdefault(started["run_id"], asyncio.Event()).wait()
        finally:
            self.cancel(started)
        state = started["state"]
        if state.get("result_state") in _SUCCEEDED:
            return tasks.Outcome("SUCCESS")
        name, ended = started["run_name"], state.get("result_state") or state["life_cycle_state"]
        message = f"run {started['run_id']} of job `{name}` ended as {ended}: {state['state_message']}"
        return tasks.Outcome("FAILED", message)

    def _begin(self, run: Json, task: Json) -> None:
        task["start_time"] = now()
        self._state(run, task, "RUNNING")

    def _state(self, run: Json, task: Json, life_cycle: str) -> None:
        task["state"] = {"life_cycle_state": life_cycle, "state_message": ""}
        self._records.save(run)


def _condition(task: Json, known: Mapping[str, str]) -> tasks.Outcome:
    settings = {name: value for name, value in task["condition_task"].items() if name != "outcome"}
    judged = conditions.outcome(resolve(settings, known))
    task["condition_task"] = {**settings, "outcome": judged}
    return tasks.Outcome("SUCCESS")


def _inputs(text: str) -> list[Any]:
    """Return what a for_each_task goes over: the elements of a JSON array."""
    try:
        inputs = json.loads(text)
    except ValueError:
        inputs = None
    if not isinstance(inputs, list):
        raise tasks.CannotRunError(f"the inputs of a for_each_task are a JSON array, not `{text}`")
    if len(inputs) > _MOST_INPUTS:
        raise tasks.CannotRunError(f"a for_each_task takes {_MOST_INPUTS} inputs, not {len(inputs)}")
    return inputs
