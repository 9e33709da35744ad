"""Updates of pipelines: one at a time for each, a process with Spark's declarative pipelines."""

import asyncio
import json
import logging
import os
import shutil
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from local.home import Home, read_status, write_private
from local.workspace.errors import conflict
from local.workspace.store import Json, Store, now
from local.workspace.unity_catalog import securable
from local.workspace.workflows.pipeline_sources import update_spec
from local.workspace.workflows.tasks import CannotRunError, connection, ended, execute, tail

_log = logging.getLogger(__name__)
# -P: a file beside the source must not shadow what the runner imports.
PIPELINE_COMMAND = (sys.executable, "-P", "-m", "local.pipeline")
ACTIVE = ("QUEUED", "RUNNING", "STOPPING")
# As many as are of use to look at.
_KEPT = 25
_STOPPED = "The workspace was stopped while this update was active."


class Updates:
    """Runs the updates of all pipelines.

    Args:
        home: where the source is, and the files of each update.
        store: the pipelines, with the record of each update.
        command: what an update is run with; it gets the path of a spec file.
    """

    def __init__(self, home: Home, store: Store, command: Sequence[str] = PIPELINE_COMMAND) -> None:
        self._home = home
        self._store = store
        self._command = command
        self._running: dict[str, asyncio.Task[None]] = {}
        for pipeline in store.table("pipelines").values():
            for update in pipeline["updates"]:
                if update["state"] in ACTIVE:
                    _end(update, "FAILED", _STOPPED)

    def start(self, pipeline: Json, asked: Json, cause: str) -> Json:
        """Begin an update and return its record.

        Args:
            pipeline: the pipeline's record.
            asked: `full_refresh`, `full_refresh_selection`, `refresh_selection`.
            cause: why, as the Pipelines API names it.

        Raises:
            DatabricksError: 400, one is active.
        """
        pipeline_id = pipeline["pipeline_id"]
        if pipeline_id in self._running:
            active = pipeline["updates"][0]["update_id"]
            raise conflict(f"An active update '{active}' already exists for pipeline '{pipeline_id}'.")
        update = {
            "pipeline_id": pipeline_id,
            "update_id": str(uuid.uuid4()),
            "state": "QUEUED",
            "cause": cause,
            "creation_time": now(),
            "full_refresh": bool(asked.get("full_refresh")),
            "full_refresh_selection": list(asked.get("full_refresh_selection") or []),
            "refresh_selection": list(asked.get("refresh_selection") or []),
            "config": pipeline["spec"],
        }
        pipeline["updates"].insert(0, update)
        for old in pipeline["updates"][_KEPT:]:
            self._forget(old)
        del pipeline["updates"][_KEPT:]
        self._running[pipeline_id] = asyncio.create_task(self._run(update))
        return update

    async def ended(self, update: Json) -> None:
        """Wait for the end of an update. Cancelling the call does not stop it."""
        running = self._running.get(update["pipeline_id"])
        if running and update["state"] in ACTIVE:
            await asyncio.wait([running])

    def stop(self, pipeline_id: str) -> None:
        """Stop the active update of a pipeline, if there is one."""
        running = self._running.get(pipeline_id)
        if running:
            running.cancel()

    async def close(self) -> None:
        """Stop everything, because the workspace stops."""
        running = list(self._running.values())
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def forget(self, pipeline: Json) -> None:
        """Drop what is kept of a pipeline that is gone: its updates, how far its streams have read."""
        self.stop(pipeline["pipeline_id"])
        running = self._running.get(pipeline["pipeline_id"])
        if running:
            await asyncio.wait([running])
        shutil.rmtree(self._folder(pipeline["pipeline_id"]), ignore_errors=True)

    def events(self, update: Json) -> list[Json]:
        """Return what an update has told so far: `time`, `level`, `message` each."""
        file = self.file(update, "events")
        if not file.exists():
            return []
        # The last line may be being written.
        lines = file.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def file(self, update: Json, kind: str) -> Path:
        """Return a file of an update: its `log`, `events`, `spec.json`, `result.json`."""
        return self._folder(update["pipeline_id"]) / f"{update['update_id']}.{kind}"

    def _folder(self, pipeline_id: str) -> Path:
        return self._home.workspace / "pipelines" / pipeline_id

    def _forget(self, update: Json) -> None:
        for kind in ("log", "events", "spec.json", "result.json"):
            self.file(update, kind).unlink(missing_ok=True)

    async def _run(self, update: Json) -> None:
        try:
            await self._process(update)
        except asyncio.CancelledError:
            _end(update, "CANCELED", "The update was stopped.")
        except (CannotRunError, OSError) as error:
            _end(update, "FAILED", str(error))
        except Exception as error:
            _log.exception("update %s", update["update_id"])
            _end(update, "FAILED", f"The workspace could not run it: {error!r}")
        finally:
            del self._running[update["pipeline_id"]]
            self._store.save()

    async def _process(self, update: Json) -> None:
        folder = self._folder(update["pipeline_id"])
        (folder / "storage").mkdir(parents=True, exist_ok=True)
        spec, result = self.file(update, "spec.json"), self.file(update, "result.json")
        told = {
            **update_spec(self._home, update["config"]),
            "storage": str(folder / "storage"),
            "full_refresh": update["full_refresh"] or update["full_refresh_selection"],
            "refresh": update["refresh_selection"],
            "events": str(self.file(update, "events")),
            "result": str(result),
        }
        write_private(spec, json.dumps(told))
        update["state"] = "RUNNING"
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **connection(read_status(self._home))}
        log = self.file(update, "log")
        exit_code = await execute([*self._command, str(spec)], folder, environment, log)
        came = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
        update["tables"] = came.get("tables") or []
        for each in update["tables"]:
            table = securable.registry("tables").get(each["name"].lower())
            if table is not None:
                table["pipeline_id"] = update["pipeline_id"]
        if exit_code == 0:
            _end(update, "COMPLETED")
        else:
            update["error_trace"] = came.get("error_trace") or tail(log)
            _end(update, "FAILED", came.get("error") or ended(exit_code or 0))


def _end(update: Json, state: str, error: str | None = None) -> None:
    update["state"] = state
    update["end_time"] = now()
    if error:
        update["error"] = error
