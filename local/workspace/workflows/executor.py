"""Execution of job runs: order of tasks, retries, time limits, queueing, results."""

import asyncio
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from minilake.errors import DatabricksError

from local.connection import connection_variables
from local.home import Home, Status, read_status
from local.spark.client import TASK
from local.task_references import UnknownReferenceError, resolve
from local.workspace.store import Json, Store, now_ms
from local.workspace.workflows import conditions, outcomes, tasks
from local.workspace.workflows.parameters import task_references
from local.workspace.workflows.pipeline_updates import ACTIVE_STATES, PipelineUpdates
from local.workspace.workflows.pipelines import find_pipeline
from local.workspace.workflows.records import RunRecords, end, end_run, is_active, new_run, new_task
from local.workspace.workflows.task_processes import TaskProcesses

_log = logging.getLogger(__name__)
_SUCCEEDED = {"SUCCESS", "SUCCESS_WITH_FAILURES"}
_CONTROL_TASKS = {"condition_task", "for_each_task", "run_job_task"}
# The maximum number of inputs of a for_each_task, as on Databricks.
_MAX_INPUTS = 5000


class Executor:
    """Runs jobs. The tasks of all runs share the machine: two tasks run at the same time.

    Control tasks (conditions, loops, runs of other jobs) do not count.

    Args:
        home: the paths of the notebooks and the status file.
        store: the jobs, and the ids of new runs.
        records: the runs.
        updates: runs the updates of pipelines.
        notebook_command: the command that runs a notebook; its last argument is the path of a spec file.
        processes: starts the processes of tasks.
        parallel: the maximum number of tasks that run at the same time.
    """

    def __init__(
        self,
        home: Home,
        store: Store,
        records: RunRecords,
        updates: PipelineUpdates,
        notebook_command: Sequence[str],
        processes: TaskProcesses,
        parallel: int = 2,
    ) -> None:
        self._home = home
        self._store = store
        self._records = records
        self._updates = updates
        self._notebook_command = notebook_command
        self._processes = processes
        self._slots = asyncio.Semaphore(parallel)
        self._active: dict[int, asyncio.Task[None]] = {}
        self._ending: dict[int, tuple[str, str | None, str]] = {}
        self._end_events: dict[int, asyncio.Event] = {}

    def start(self, run: Json) -> None:
        """Start a run. If its job has the maximum number of active runs, queue the run or skip it."""
        settings = run["settings"]
        max_runs = settings.get("max_concurrent_runs", 1)
        if run.get("job_id") and self._count_active(run["job_id"]) >= max_runs:
            if (settings.get("queue") or {}).get("enabled"):
                run["state"] = {"life_cycle_state": "QUEUED", "state_message": "Waiting for another run."}
            else:
                message = f"Another run is active; max_concurrent_runs is {max_runs}."
                end_run(run, "SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", message)
            self._records.add(run)
            return
        self._records.add(run)
        self._launch(run)

    def restart(self, run: Json) -> None:
        """Run the tasks of a repaired run that have not ended, beside other runs of its job."""
        self._records.save(run)
        self._launch(run)

    def cancel(self, run: Json) -> None:
        """Stop a run and its tasks. No effect on a run that has ended."""
        self._end(run, "TERMINATED", "CANCELED", "Run cancelled.")

    def cancel_all(self, job_id: int) -> None:
        """Stop every active run of a job."""
        for run in self._records.of_job(job_id):
            self.cancel(run)

    async def close(self) -> None:
        """Stop all runs, because the workspace stops."""
        running = list(self._active.values())
        for run in list(self._records.runs.values()):
            self._end(run, "INTERNAL_ERROR", None, "The workspace was stopped while this run was active.")
        await asyncio.gather(*running, return_exceptions=True)

    def _count_active(self, job_id: int) -> int:
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
            self._signal_end(run)

    def _signal_end(self, run: Json) -> None:
        event = self._end_events.pop(run["run_id"], None)
        if event:
            event.set()

    async def _run(self, run: Json) -> None:
        run_id, seconds = run["run_id"], run["settings"].get("timeout_seconds") or None
        try:
            async with asyncio.timeout(seconds):
                await self._run_tasks(run)
            end(run, "TERMINATED", *outcomes.run_result(run))
        except TimeoutError:
            end_run(run, "TERMINATED", "TIMEDOUT", f"The run took longer than {seconds} seconds.")
        except asyncio.CancelledError:
            end_run(run, *self._ending.get(run_id, ("INTERNAL_ERROR", None, "The run was interrupted.")))
        except Exception as error:
            _log.exception("run %s", run_id)
            end_run(run, "INTERNAL_ERROR", "FAILED", f"The workspace failed to run the job: {error!r}")
        finally:
            del self._active[run_id]
            self._ending.pop(run_id, None)
            self._records.save(run)
            self._signal_end(run)
            self._launch_next(run.get("job_id"))

    def _launch_next(self, job_id: int | None) -> None:
        queued = [
            run
            for run in (self._records.of_job(job_id) if job_id else [])
            if run["state"]["life_cycle_state"] == "QUEUED"
        ]
        if queued:
            self._launch(queued[0])

    async def _run_tasks(self, run: Json) -> None:
        ended = {task["task_key"]: asyncio.Event() for task in run["tasks"]}
        async with asyncio.TaskGroup() as group:
            for task in run["tasks"]:
                if is_active(task):
                    group.create_task(self._run_task(run, task, ended))
                else:  # of a repaired run
                    ended[task["task_key"]].set()

    async def _run_task(self, run: Json, task: Json, ended: Mapping[str, asyncio.Event]) -> None:
        upstream = task.get("depends_on") or []
        for each in upstream:
            await ended[each["task_key"]].wait()
        result = "DISABLED" if task.get("disabled") else outcomes.skip_result(run, task, upstream)
        if result is None:
            await self._run_attempts(run, task)
        else:
            end(task, "TERMINATED", result, f"{task['task_key']} did not run: {result}.")
        self._records.save(run)
        ended[task["task_key"]].set()

    async def _run_attempts(self, run: Json, task: Json) -> None:
        retries = task.get("max_retries") or 0
        while True:
            result = await self._run_attempt(run, task)
            retry = result.state == "FAILED" or (result.state == "TIMEDOUT" and task.get("retry_on_timeout"))
            if not retry or (retries >= 0 and task["attempt_number"] >= retries):
                break
            self._set_state(run, task, "WAITING_FOR_RETRY")
            await asyncio.sleep((task.get("min_retry_interval_millis") or 0) / 1000)
            task["attempt_number"] += 1
        task["task_values"] = dict(result.task_values)
        task["output"] = {
            **(task.get("output") or {}),
            "error": result.error,
            "error_trace": result.error_trace,
            "result": result.result,
            "tables": list(result.tables),
        }
        end(task, "TERMINATED", result.state, result.error or "")

    async def _run_attempt(self, run: Json, task: Json) -> tasks.AttemptResult:
        status = read_status(self._home)
        references = task_references(run, task, status.url if status else "")
        try:
            if not task.keys() & _CONTROL_TASKS and "pipeline_task" not in task:
                async with self._slots:
                    return await self._run_process(run, task, references, status)
            if "pipeline_task" in task:
                async with self._slots, asyncio.timeout(task.get("timeout_seconds") or None):
                    return await self._run_pipeline(run, task, references)
            self._set_running(run, task)
            async with asyncio.timeout(task.get("timeout_seconds") or None):
                if "condition_task" in task:
                    return _evaluate_condition(task, references)
                if "for_each_task" in task:
                    return await self._run_loop(run, task, references)
                return await self._run_job(run, task, references, status)
        except TimeoutError:
            seconds = task.get("timeout_seconds")
            return tasks.AttemptResult(
                "TIMEDOUT", f"the task ran longer than its timeout_seconds of {seconds}"
            )
        except (
            tasks.CannotRunError,
            conditions.InvalidConditionError,
            UnknownReferenceError,
            OSError,
        ) as error:
            return tasks.AttemptResult("FAILED", str(error))
        except DatabricksError as error:
            return tasks.AttemptResult("FAILED", error.message)

    async def _run_process(
        self, run: Json, task: Json, references: Mapping[str, str], status: Status | None
    ) -> tasks.AttemptResult:
        self._set_running(run, task)
        attempt = tasks.Attempt(
            task=resolve(task, references),
            parameters={each["name"]: each["value"] for each in run["job_parameters"]},
            task_values={each["task_key"]: each.get("task_values") or {} for each in run["tasks"]},
            folder=self._records.folder(run),
            number=task["attempt_number"],
            environment={
                **connection_variables(status, self._home),
                TASK: f"{run['settings'].get('name', '')}/{task['task_key']}",
            },
            git_source=run["settings"].get("git_source"),
            environments=run["settings"].get("environments") or (),
        )
        return await tasks.run_attempt(attempt, self._home, self._notebook_command, self._processes)

    async def _run_pipeline(
        self, run: Json, task: Json, references: Mapping[str, str]
    ) -> tasks.AttemptResult:
        self._set_running(run, task)
        settings = resolve(task["pipeline_task"], references)
        pipeline = find_pipeline(self._store, str(settings.get("pipeline_id")))
        update = self._updates.start(pipeline, settings, "JOB_TASK")
        self._store.save()
        try:
            await self._updates.wait(update)
        finally:
            if update["state"] in ACTIVE_STATES:
                self._updates.stop(pipeline["pipeline_id"])
        log = self._updates.file(update, "log")
        if log.exists():
            name = f"{task['run_id']}.{task['attempt_number']}.log"
            shutil.copyfile(log, self._records.folder(run) / name)
        state = "SUCCESS" if update["state"] == "COMPLETED" else "FAILED"
        tables = update.get("tables") or ()
        return tasks.AttemptResult(state, update.get("error"), update.get("error_trace"), tables=tables)

    async def _run_loop(self, run: Json, task: Json, references: Mapping[str, str]) -> tasks.AttemptResult:
        settings = task["for_each_task"]
        nested = settings.get("task") or {}
        if "for_each_task" in nested:
            raise tasks.CannotRunError("a for_each_task cannot contain another for_each_task")
        inputs = _inputs(resolve(str(settings.get("inputs", "")), references))
        task["iterations"] = [{**new_task(self._store, nested), "input": each} for each in inputs]
        self._store.save()
        slots = asyncio.Semaphore(settings.get("concurrency") or 1)

        async def run_iteration(iteration: Json) -> None:
            async with slots:
                await self._run_attempts(run, iteration)
            self._records.save(run)

        try:
            async with asyncio.TaskGroup() as group:
                for each in task["iterations"]:
                    group.create_task(run_iteration(each))
        finally:
            for each in filter(is_active, task["iterations"]):
                end(each, "TERMINATED", "CANCELED", "The loop was stopped.")
        failed = [each for each in task["iterations"] if each["state"]["result_state"] != "SUCCESS"]
        if not failed:
            return tasks.AttemptResult("SUCCESS")
        return tasks.AttemptResult("FAILED", f"{len(failed)} of {len(inputs)} iterations failed.")

    async def _run_job(
        self, run: Json, task: Json, references: Mapping[str, str], status: Status | None
    ) -> tasks.AttemptResult:
        settings = resolve(task["run_job_task"], references)
        job = self._store.table("jobs").get(str(settings.get("job_id")))
        if job is None:
            raise tasks.CannotRunError(f"job {settings.get('job_id')} does not exist")
        ancestors = [*run.get("ancestors", []), *filter(None, [run.get("job_id")])]
        if job["job_id"] in ancestors:
            path = " -> ".join(map(str, [*ancestors, job["job_id"]]))
            raise tasks.CannotRunError(f"jobs run each other in a cycle: {path}")
        parameters = settings.get("job_parameters") or {}
        started = new_run(self._store, job["settings"], parameters, status.url if status else "")
        started.update(job_id=job["job_id"], ancestors=ancestors, trigger="RUN_JOB_TASK")
        self._store.save()
        task["output"] = {"run_id": started["run_id"]}
        self.start(started)
        self._records.save(run)
        try:
            if is_active(started):
                await self._end_events.setdefault(started["run_id"], asyncio.Event()).wait()
        finally:
            self.cancel(started)
        state = started["state"]
        if state.get("result_state") in _SUCCEEDED:
            return tasks.AttemptResult("SUCCESS")
        name, result = started["run_name"], state.get("result_state") or state["life_cycle_state"]
        message = f"run {started['run_id']} of job `{name}` ended as {result}: {state['state_message']}"
        return tasks.AttemptResult("FAILED", message)

    def _set_running(self, run: Json, task: Json) -> None:
        task["start_time"] = now_ms()
        self._set_state(run, task, "RUNNING")

    def _set_state(self, run: Json, task: Json, life_cycle: str) -> None:
        task["state"] = {"life_cycle_state": life_cycle, "state_message": ""}
        self._records.save(run)


def _evaluate_condition(task: Json, references: Mapping[str, str]) -> tasks.AttemptResult:
    settings = {name: value for name, value in task["condition_task"].items() if name != "outcome"}
    outcome = conditions.evaluate(resolve(settings, references))
    task["condition_task"] = {**settings, "outcome": outcome}
    return tasks.AttemptResult("SUCCESS")


def _inputs(text: str) -> list[Any]:
    """Return the inputs of a for_each_task: the elements of a JSON array."""
    try:
        inputs = json.loads(text)
    except ValueError:
        inputs = None
    if not isinstance(inputs, list):
        raise tasks.CannotRunError(f"the inputs of a for_each_task must be a JSON array, not `{text}`")
    if len(inputs) > _MAX_INPUTS:
        raise tasks.CannotRunError(f"a for_each_task can have {_MAX_INPUTS} inputs, not {len(inputs)}")
    return inputs
