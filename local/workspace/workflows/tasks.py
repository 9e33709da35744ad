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
from typing import Any

from local.home import Home, Status, write_private
from local.workspace.objects.objects import on_disk, workspace_path
from local.workspace.store import Json

# -P: a file beside the notebook must not shadow what the runner imports.
NOTEBOOK_COMMAND = (sys.executable, "-P", "-m", "local.notebook")
SCRIPT_COMMAND = (sys.executable, "-P", "-m", "local.notebook.script")
WHEEL_COMMAND = (sys.executable, "-P", "-m", "local.notebook.wheel")
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
        task_values: what it set for tasks after it.
    """

    state: str
    error: str | None = None
    error_trace: str | None = None
    result: str | None = None
    tables: Sequence[Json] = field(default_factory=tuple)
    task_values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One attempt at a task.

    Args:
        task: the task's settings, references in it resolved.
        parameters: the job's parameters for this run.
        task_values: what other tasks of the run have set: task key → name → value.
        folder: where the log and the result go.
        number: 0 for the first one.
        environment: environment variables that the process gets beside the workspace's own.
    """

    task: Json
    parameters: Mapping[str, str]
    task_values: Mapping[str, Mapping[str, Any]]
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
    seconds = attempt.task.get("timeout_seconds") or None
    exit_code = await execute(command, cwd, _environment(attempt, home), attempt.log, seconds)
    if exit_code is None:
        return Outcome("TIMEDOUT", f"the task ran longer than its timeout_seconds of {seconds}")
    return _outcome(attempt, exit_code)


async def execute(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path, seconds: float | None = None
) -> int | None:
    """Run a process to its end and return its exit code, None when it took too long and was stopped.

    Cancelling the call stops the process and all that it started.

    Args:
        command: the program and its arguments.
        cwd: the folder to run it in.
        environment: all of its environment.
        log: the file that gets what it prints.
        seconds: how long it may take.
    """
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stream,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        return None
    finally:
        await _stop(process)
    return process.returncode or 0


def _environment(attempt: Attempt, home: Home) -> dict[str, str]:
    """Return the process's environment; wheels are imported from where they are, not installed."""
    wheels = [str(on_disk(home, path)) for path in _wheels(attempt.task)]
    found = [*wheels, *filter(None, [os.environ.get("PYTHONPATH")])]
    paths = {"PYTHONPATH": os.pathsep.join(found)} if found else {}
    return {**os.environ, "PYTHONUNBUFFERED": "1", **paths, **attempt.environment}


def connection(status: Status | None) -> dict[str, str]:
    """Return the environment variables by which a process finds the workspace and Spark."""
    if status is None:
        return {}
    spark = {"SPARK_REMOTE": status.spark_remote} if status.spark_remote else {}
    return {"DATABRICKS_HOST": status.url, "DATABRICKS_TOKEN": status.token, **spark}


def _wheels(task: Json) -> list[str]:
    named = [str(each.get("whl") or "") for each in task.get("libraries") or []]
    return [workspace_path(each) for each in named if each.startswith("/") and each.endswith(".whl")]


def _command(attempt: Attempt, home: Home, notebook_command: Sequence[str]) -> tuple[list[str], Path]:
    kinds = [name for name in attempt.task if name.endswith("_task")]
    if len(kinds) != 1:
        raise CannotRunError(f"a task is of exactly one kind, not {' and '.join(kinds) or 'none'}")
    kind, settings = kinds[0], attempt.task[kinds[0]]
    if kind == "notebook_task":
        return _notebook(attempt, settings, home, notebook_command)
    if kind == "sql_task":
        return _sql(attempt, settings, home, notebook_command)
    if kind == "spark_python_task":
        path = _workspace_source(attempt.task, settings, "python_file")
        script = source_file(home, path, f"Cannot read the python file {path}: it is not in the workspace.")
        return [*SCRIPT_COMMAND, str(home.files), str(script), *_positional(settings)], script.parent
    if kind == "python_wheel_task":
        entry = [str(settings.get(name, "")) for name in ("package_name", "entry_point")]
        named = {**(settings.get("named_parameters") or {}), **attempt.parameters}
        words = [f"--{name}={value}" for name, value in named.items()]
        command = [*WHEEL_COMMAND, str(home.files), *entry, *(_positional(settings) or words)]
        return command, home.files
    raise CannotRunError(f"the local workspace does not run {kind}: it needs Databricks")


def _notebook(attempt: Attempt, settings: Json, home: Home, command: Sequence[str]) -> tuple[list[str], Path]:
    path = _workspace_source(attempt.task, settings, "notebook_path")
    notebook = source_file(home, path, f'Unable to access the notebook "{path}" in the workspace.')
    parameters = settings.get("base_parameters") or {}
    write_private(attempt.spec, json.dumps(_spec(attempt, parameters, home, notebook, path)))
    return [*command, str(attempt.spec)], notebook.parent


def _sql(attempt: Attempt, settings: Json, home: Home, command: Sequence[str]) -> tuple[list[str], Path]:
    """Run the statements of a file on Spark: what the workspace answers SQL with cannot write Delta."""
    if "file" not in settings:
        what = ", ".join(name for name in settings if name in ("query", "dashboard", "alert")) or "nothing"
        raise CannotRunError(f"the local workspace runs a sql_task with a file, not with {what}")
    path = _workspace_source(attempt.task, settings["file"], "path")
    file = on_disk(home, path)
    if not file.is_file():
        raise CannotRunError(f"Cannot read the SQL file {path}: it is not in the workspace.")
    if file.suffix.lower() != ".sql":
        raise CannotRunError(f"the SQL file {path} must end in .sql")
    parameters = settings.get("parameters") or {}
    write_private(attempt.spec, json.dumps(_spec(attempt, parameters, home, file, path)))
    return [*command, str(attempt.spec)], file.parent


def _positional(settings: Json) -> list[str]:
    return [str(each) for each in settings.get("parameters") or []]


def _workspace_source(task: Json, settings: Json, name: str) -> str:
    path = str(settings.get(name, ""))
    if settings.get("source", "WORKSPACE") != "WORKSPACE" or not path.startswith("/"):
        raise CannotRunError(
            f"task {task['task_key']} takes {path} from git; only what is in the workspace runs here"
        )
    return workspace_path(path)


def source_file(home: Home, path: str, otherwise: str) -> Path:
    """Return the file of a notebook or a script, which may be addressed without its extension.

    Raises:
        CannotRunError: there is none; with the sentence given.
    """
    for spelling in (path, f"{path}.py"):
        file = on_disk(home, spelling)
        if file.is_file():
            return file
    raise CannotRunError(otherwise)


def _spec(attempt: Attempt, own: Mapping[str, Any], home: Home, notebook: Path, path: str) -> Json:
    # Job parameters win over a task's own of the same name, as on Databricks.
    parameters = {**own, **attempt.parameters}
    return {
        "notebook": str(notebook),
        "workspace_path": path,
        "workspace_files": str(home.files),
        "parameters": {name: str(value) for name, value in parameters.items()},
        "task_values": attempt.task_values,
        "result": str(attempt.result),
    }


def _outcome(attempt: Attempt, exit_code: int) -> Outcome:
    try:
        told = json.loads(attempt.result.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        told = {}
    gave: dict[str, Any] = {"tables": told.get("tables") or (), "task_values": told.get("task_values") or {}}
    if exit_code == 0:
        return Outcome("SUCCESS", result=told.get("result"), **gave)
    error = told.get("error") or ended(exit_code)
    return Outcome("FAILED", error, told.get("error_trace") or tail(attempt.log), **gave)


def ended(exit_code: int) -> str:
    """Say in a line how a process ended."""
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
