"""Updates of pipelines: each is a process that runs Spark's declarative pipelines."""

import asyncio
import json
import logging
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from local.connection import connection_variables
from local.home import Home, read_status, write_private
from local.packages import InstallError
from local.spark.client import TASK
from local.workspace.errors import invalid_state
from local.workspace.store import Json, Store, now_ms
from local.workspace.unity_catalog import securable
from local.workspace.workflows.pipeline_sources import update_spec
from local.workspace.workflows.task_packages import UnsupportedLibraryError, pipeline_packages
from local.workspace.workflows.task_processes import MODULE_COMMAND, TaskProcesses, process_environment
from local.workspace.workflows.tasks import (
    CannotRunError,
    describe_exit,
    in_environment,
    log_tail,
)

_log = logging.getLogger(__name__)
PIPELINE_COMMAND = (*MODULE_COMMAND, "local.pipeline")
ACTIVE_STATES = ("QUEUED", "RUNNING", "STOPPING")
# The number of updates that a pipeline keeps.
_MAX_UPDATES = 25
_STOPPED_MESSAGE = "The workspace was stopped while this update was active."


class PipelineUpdates:
    """Runs the updates of all pipelines, one at a time for each pipeline.

    Args:
        home: the paths of the source files and of each update's files.
        store: the pipelines, with the record of each update.
        command: the command that runs an update; its last argument is the path of a spec file.
        processes: starts the processes.
    """

    def __init__(self, home: Home, store: Store, command: Sequence[str], processes: TaskProcesses) -> None:
        self._home = home
        self._store = store
        self._command = command
        self._processes = processes
        self._running: dict[str, asyncio.Task[None]] = {}
        for pipeline in store.table("pipelines").values():
            for update in pipeline["updates"]:
                if update["state"] in ACTIVE_STATES:
                    _finish(update, "FAILED", _STOPPED_MESSAGE)

    def start(self, pipeline: Json, options: Json, cause: str) -> Json:
        """Start an update and return its record.

        Args:
            pipeline: the pipeline's record.
            options: `full_refresh`, `full_refresh_selection`, `refresh_selection`.
            cause: the cause, a value of the Pipelines API.

        Raises:
            DatabricksError: 400, another update is active.
        """
        pipeline_id = pipeline["pipeline_id"]
        if pipeline_id in self._running:
            active = pipeline["updates"][0]["update_id"]
            raise invalid_state(f"An active update '{active}' already exists for pipeline '{pipeline_id}'.")
        update = {
            "pipeline_id": pipeline_id,
            "update_id": str(uuid.uuid4()),
            "state": "QUEUED",
            "cause": cause,
            "creation_time": now_ms(),
            "full_refresh": bool(options.get("full_refresh")),
            "full_refresh_selection": list(options.get("full_refresh_selection") or []),
            "refresh_selection": list(options.get("refresh_selection") or []),
            "config": pipeline["spec"],
        }
        pipeline["updates"].insert(0, update)
        for old in pipeline["updates"][_MAX_UPDATES:]:
            self._delete_files(old)
        del pipeline["updates"][_MAX_UPDATES:]
        self._running[pipeline_id] = asyncio.create_task(self._run(update))
        return update

    async def wait(self, update: Json) -> None:
        """Wait for the end of an update. Cancelling the wait does not stop the update."""
        running = self._running.get(update["pipeline_id"])
        if running and update["state"] in ACTIVE_STATES:
            await asyncio.wait([running])

    def stop(self, pipeline_id: str) -> None:
        """Stop the active update of a pipeline, if there is one."""
        running = self._running.get(pipeline_id)
        if running:
            running.cancel()

    async def close(self) -> None:
        """Stop all updates, because the workspace stops."""
        running = list(self._running.values())
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def delete(self, pipeline: Json) -> None:
        """Delete the files of a deleted pipeline: its updates' files and its streams' checkpoints."""
        self.stop(pipeline["pipeline_id"])
        running = self._running.get(pipeline["pipeline_id"])
        if running:
            await asyncio.wait([running])
        shutil.rmtree(self._folder(pipeline["pipeline_id"]), ignore_errors=True)

    def events(self, update: Json) -> list[Json]:
        """Return the events of an update so far, each with `time`, `level`, `message`."""
        file = self.file(update, "events")
        if not file.exists():
            return []
        # The last line may be incomplete.
        lines = file.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def file(self, update: Json, kind: str) -> Path:
        """Return a file of an update: its `log`, `events`, `spec.json`, `result.json`."""
        return self._folder(update["pipeline_id"]) / f"{update['update_id']}.{kind}"

    def _folder(self, pipeline_id: str) -> Path:
        return self._home.workspace / "pipelines" / pipeline_id

    def _delete_files(self, update: Json) -> None:
        for kind in ("log", "events", "spec.json", "result.json"):
            self.file(update, kind).unlink(missing_ok=True)

    async def _run(self, update: Json) -> None:
        try:
            await self._run_process(update)
        except asyncio.CancelledError:
            _finish(update, "CANCELED", "The update was stopped.")
        except (CannotRunError, InstallError, UnsupportedLibraryError, OSError) as error:
            _finish(update, "FAILED", str(error))
        except Exception as error:
            _log.exception("update %s", update["update_id"])
            _finish(update, "FAILED", f"The workspace failed to run the update: {error!r}")
        finally:
            del self._running[update["pipeline_id"]]
            self._store.save()

    async def _run_process(self, update: Json) -> None:
        folder = self._folder(update["pipeline_id"])
        (folder / "storage").mkdir(parents=True, exist_ok=True)
        spec_file, result_file = self.file(update, "spec.json"), self.file(update, "result.json")
        spec = {
            **update_spec(self._home, update["config"]),
            "storage": str(folder / "storage"),
            "full_refresh": update["full_refresh"] or update["full_refresh_selection"],
            "refresh": update["refresh_selection"],
            "events": str(self.file(update, "events")),
            "result": str(result_file),
        }
        write_private(spec_file, json.dumps(spec))
        update["state"] = "RUNNING"
        asked = pipeline_packages(self._home, update["config"])
        command = [*self._command, str(spec_file)]
        if asked.requirements:
            # the first time, pip takes a while
            command = await asyncio.to_thread(in_environment, command, asked, self._home)
        variables = connection_variables(read_status(self._home), self._home)
        variables[TASK] = f"{update['config'].get('name', '')}/"
        environment = process_environment(asked.wheels, variables)
        log = self.file(update, "log")
        exit_code = await self._processes.run(
            command, folder, environment, log, own_imports=bool(asked.wheels)
        )
        result = json.loads(result_file.read_text(encoding="utf-8")) if result_file.exists() else {}
        update["tables"] = result.get("tables") or []
        for each in update["tables"]:
            table = securable.registry("tables").get(each["name"].lower())
            if table is not None:
                table["pipeline_id"] = update["pipeline_id"]
        if exit_code == 0:
            _finish(update, "COMPLETED")
        else:
            update["error_trace"] = result.get("error_trace") or log_tail(log)
            _finish(update, "FAILED", result.get("error") or describe_exit(exit_code or 0))


def _finish(update: Json, state: str, error: str | None = None) -> None:
    update["state"] = state
    update["end_time"] = now_ms()
    if error:
        update["error"] = error
