"""One task of a job: the process that runs it, its log, and how it ended."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.home import Home, write_private
from local.workspace.objects import on_disk, workspace_path
from local.workspace.store import Json

# -P: a file beside the notebook must not shadow what the runner imports.
NOTEBOOK_COMMAND = (sys.executable, "-P", "-m", "local.notebook")
_GRACE_SECONDS = 5.0
_TAIL_LINES = 40


class CannotRunError(Exception):
    """A task that this workspace cannot run, and why."""


@dataclass(frozen=True)
class Outcome:
    """How one attempt at a task ended.

    Args:
        state: SUCCESS, FAILED or TIMEDOUT.
        error: what went wrong, in a line.
        error_trace: where.
        result: what the notebook handed to `dbutils.notebook.exit`.
        tables: what it wrote: `{"name": catalog.schema.table, "rows": n}` each.
    """

    state: str
    error: str | None = None
    error_trace: str | None = None
    result: str | None = None
    tables: Sequence[Json] = field(default_factory=tuple)


@dataclass(frozen=True)
class Attempt:
    """One attempt at a task.

    Args:
        task: the task's settings, references in it resolved.
        parameters: the job's parameters for this run.
        folder: where the log and the result go.
        number: 0 for the first one.
        environment: environment variables that the process gets beside the workspace's own.
    """

    task: Json
    parameters: Mapping[str, str]
    folder: Path
    number: int
    environment: Mapping[str, str]

    @property
    def log(self) -> Path:
        """The file that gets what the task prints."""
        return self._file("log")

    @property
    def result(self) -> Path:
        """The file in which a notebook leaves its result."""
        return self._file("result.json")

    @property
    def spec(self) -> Path:
        """The file that tells the notebook runner what to do."""
        return self._file("spec.json")

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self.task['run_id']}.{self.number}.{suffix}"


async def run(attempt: Attempt, home: Home, notebook_command: Sequence[str]) -> Outcome:
    """Run one attempt to its end. Cancelling the call stops the process.

    Raises:
        CannotRunError: this workspace cannot run such a task.
    """
    command, cwd = _command(attempt, home, notebook_command)
    with attempt.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **attempt.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        seconds = attempt.task.get("timeout_seconds") or None
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        return Outcome("TIMEDOUT", f"the task ran longer than its timeout_seconds of {seconds}")
    finally:
        await _stop(process)
    return _outcome(attempt, process.returncode or 0)


def _command(attempt: Attempt, home: Home, notebook_command: Sequence[str]) -> tuple[list[str], Path]:
    task = attempt.task
    if "notebook_task" in task:
        settings = task["notebook_task"]
        path = _workspace_source(task, settings, "notebook_path")
        notebook = _file(home, path, f'Unable to access the notebook "{path}" in the workspace.')
        write_private(attempt.spec, json.dumps(_spec(attempt, settings, home, notebook, path)))
        return [*notebook_command, str(attempt.spec)], notebook.parent
    if "spark_python_task" in task:
        settings = task["spark_python_task"]
        path = _workspace_source(task, settings, "python_file")
        script = _file(home, path, f"Cannot read the python file {path}: it is not in the workspace.")
        return [sys.executable, str(script), *map(str, settings.get("parameters") or [])], script.parent
    kinds = sorted(name for name in task if name.endswith("_task")) or ["no task at all"]
    raise CannotRunError(
        f"the local workspace does not run {', '.join(kinds)}: only notebook_task and spark_python_task"
    )


def _workspace_source(task: Json, settings: Json, name: str) -> str:
    path = str(settings.get(name, ""))
    if settings.get("source", "WORKSPACE") != "WORKSPACE" or not path.startswith("/"):
        raise CannotRunError(
            f"task {task['task_key']} takes {path} from git; only what is in the workspace runs here"
        )
    return workspace_path(path)


def _file(home: Home, path: str, otherwise: str) -> Path:
    # A notebook is addressed without the extension that its file may have.
    for spelling in (path, f"{path}.py"):
        file = on_disk(home, spelling)
        if file.is_file():
            return file
    raise CannotRunError(otherwise)


def _spec(attempt: Attempt, settings: Json, home: Home, notebook: Path, path: str) -> Json:
    # Job parameters win over a task's own of the same name, as on Databricks.
    parameters = {**(settings.get("base_parameters") or {}), **attempt.parameters}
    return {
        "notebook": str(notebook),
        "workspace_path": path,
        "workspace_files": str(home.files),
        "parameters": {name: str(value) for name, value in parameters.items()},
        "result": str(attempt.result),
    }


def _outcome(attempt: Attempt, exit_code: int) -> Outcome:
    try:
        told = json.loads(attempt.result.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        told = {}
    tables = told.get("tables") or ()
    if exit_code == 0:
        return Outcome("SUCCESS", result=told.get("result"), tables=tables)
    error = told.get("error") or _ended(exit_code)
    return Outcome("FAILED", error, told.get("error_trace") or tail(attempt.log), tables=tables)


def _ended(exit_code: int) -> str:
    if exit_code < 0:
        return f"the task's process was ended by {signal.Signals(-exit_code).name}"
    return f"the task's process ended with exit code {exit_code}"


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:])


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End a process and all that it started: asked first, then forced."""
    try:
        if process.returncode is None:
            _signal(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
    finally:
        # Also after a normal end: what the task left running in its group goes with it.
        _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
