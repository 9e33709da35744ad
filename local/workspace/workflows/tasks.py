"""One attempt at a task of a job: its process, its log and its result."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import packages
from local.home import Home, write_private
from local.notebook import source
from local.workspace.objects.workspace_objects import disk_path, normalize_path
from local.workspace.store import Json
from local.workspace.workflows.dbt_tasks import DBT_COMMAND, dbt_folders, dbt_spec
from local.workspace.workflows.git_code import GitCodeError, git_code, git_root
from local.workspace.workflows.task_packages import (
    TaskPackages,
    UnsupportedLibraryError,
    task_packages,
)
from local.workspace.workflows.task_processes import MODULE_COMMAND, TaskProcesses, process_environment

NOTEBOOK_COMMAND = (*MODULE_COMMAND, "local.notebook")
SCRIPT_COMMAND = (*MODULE_COMMAND, "local.notebook.script")
WHEEL_COMMAND = (*MODULE_COMMAND, "local.notebook.wheel")
_TAIL_LINES = 40


class CannotRunError(Exception):
    """The local workspace cannot run a task or pipeline; the message says why."""


@dataclass(frozen=True)
class AttemptResult:
    """The result of one attempt at a task.

    Args:
        state: SUCCESS, FAILED or TIMEDOUT.
        error: the error message, one line.
        error_trace: the traceback or the end of the log.
        result: the value that the notebook passed to `dbutils.notebook.exit`.
        tables: the tables that the task wrote, each `{"name": catalog.schema.table, "rows": n}`.
        task_values: the task values that the task set.
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
        task: the task's settings with resolved references.
        parameters: the run's job parameters.
        task_values: the task values that other tasks of the run set: task key → name → value.
        folder: the folder of the log and the result.
        number: 0 for the first attempt.
        environment: environment variables of the process, added to the workspace's own.
        git_source: `git_source` of the job.
        environments: `environments` of the job, for serverless tasks.
    """

    task: Json
    parameters: Mapping[str, str]
    task_values: Mapping[str, Mapping[str, Any]]
    folder: Path
    number: int
    environment: Mapping[str, str]
    git_source: Json | None = None
    environments: Sequence[Json] = ()

    @property
    def log(self) -> Path:
        """The file with the output of the process."""
        return self._file("log")

    @property
    def result(self) -> Path:
        """The file to which the notebook runner writes the result."""
        return self._file("result.json")

    @property
    def spec(self) -> Path:
        """The file with the input of the notebook runner."""
        return self._file("spec.json")

    @property
    def plots(self) -> Path:
        """The folder for figures of the notebook."""
        return self._file("plots")

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self.task['run_id']}.{self.number}.{suffix}"


async def run_attempt(
    attempt: Attempt, home: Home, notebook_command: Sequence[str], processes: TaskProcesses
) -> AttemptResult:
    """Run an attempt and return its result. Cancelling the call stops the process.

    Args:
        attempt: the attempt.
        home: the paths of the workspace.
        notebook_command: the command that runs a notebook; its last argument is the path of a spec file.
        processes: starts the process.

    Raises:
        CannotRunError: the local workspace cannot run the task.
    """
    # in a thread: git may take a while
    command, cwd = await asyncio.to_thread(_command, attempt, home, notebook_command)
    try:
        asked = task_packages(home, attempt.task, attempt.environments)
        if asked.requirements:
            # the first time, pip takes a while
            command = await asyncio.to_thread(in_environment, command, asked, home)
    except UnsupportedLibraryError as error:
        raise CannotRunError(str(error)) from None
    except packages.InstallError as error:
        return AttemptResult("FAILED", str(error))
    import_paths = _import_paths(home, cwd, asked)
    environment = process_environment(import_paths, attempt.environment)
    seconds = attempt.task.get("timeout_seconds") or None
    exit_code = await processes.run(
        command, cwd, environment, attempt.log, seconds, own_imports=bool(import_paths)
    )
    if exit_code is None:
        return AttemptResult("TIMEDOUT", f"the task ran longer than its timeout_seconds of {seconds}")
    return _read_result(attempt, exit_code)


def in_environment(command: Sequence[str], asked: TaskPackages, home: Home) -> list[str]:
    """Return a command with the Python of an environment that has the packages.

    Raises:
        InstallError: pip fails.
    """
    place = packages.environment(home.environments, asked.requirements)
    return [str(packages.python(place)) if word == sys.executable else word for word in command]


def _import_paths(home: Home, cwd: Path, asked: TaskPackages) -> list[Path]:
    """Return the wheels that need not be installed, and the top of the job's repository."""
    root = git_root(home, cwd)
    return [*asked.wheels, *([root] if root else [])]


def _command(attempt: Attempt, home: Home, notebook_command: Sequence[str]) -> tuple[list[str], Path]:
    kinds = [name for name in attempt.task if name.endswith("_task")]
    if len(kinds) != 1:
        raise CannotRunError(f"a task needs exactly one task type, not {' and '.join(kinds) or 'none'}")
    kind, settings = kinds[0], attempt.task[kinds[0]]
    if kind == "notebook_task":
        return _notebook_command(attempt, settings, home, notebook_command)
    if kind == "sql_task":
        return _sql_command(attempt, settings, home, notebook_command)
    if kind == "dbt_task":
        return _dbt_command(attempt, settings, home)
    if kind == "spark_python_task":
        path = _source_path(attempt, home, settings, "python_file")
        script = source_file(home, path, f"Cannot read the python file {path}: it is not in the workspace.")
        return [
            *SCRIPT_COMMAND,
            str(home.files),
            str(script),
            *_positional_arguments(settings),
        ], script.parent
    if kind == "python_wheel_task":
        entry = [str(settings.get(name, "")) for name in ("package_name", "entry_point")]
        named_parameters = {**(settings.get("named_parameters") or {}), **attempt.parameters}
        options = [f"--{name}={value}" for name, value in named_parameters.items()]
        command = [*WHEEL_COMMAND, str(home.files), *entry, *(_positional_arguments(settings) or options)]
        return command, home.files
    raise CannotRunError(f"the local workspace cannot run a {kind}: it needs Databricks")


def _notebook_command(
    attempt: Attempt, settings: Json, home: Home, command: Sequence[str]
) -> tuple[list[str], Path]:
    path = _source_path(attempt, home, settings, "notebook_path")
    notebook = source_file(home, path, f'Unable to access the notebook "{path}" in the workspace.')
    parameters = settings.get("base_parameters") or {}
    write_private(attempt.spec, json.dumps(_spec(attempt, parameters, home, notebook, path)))
    return [*command, str(attempt.spec)], notebook.parent


def _sql_command(
    attempt: Attempt, settings: Json, home: Home, command: Sequence[str]
) -> tuple[list[str], Path]:
    """Return the command that runs a SQL file on Spark. Not on DuckDB: DuckDB cannot write Delta tables."""
    if "file" not in settings:
        kinds = ", ".join(name for name in settings if name in ("query", "dashboard", "alert")) or "nothing"
        raise CannotRunError(f"the local workspace runs a sql_task with `file`, not with {kinds}")
    path = _source_path(attempt, home, settings["file"], "path")
    file = disk_path(home, path)
    if not file.is_file():
        raise CannotRunError(f"Cannot read the SQL file {path}: it is not in the workspace.")
    if file.suffix.lower() != ".sql":
        raise CannotRunError(f"the SQL file {path} must end in .sql")
    parameters = settings.get("parameters") or {}
    write_private(attempt.spec, json.dumps(_spec(attempt, parameters, home, file, path)))
    return [*command, str(attempt.spec)], file.parent


def _dbt_command(attempt: Attempt, settings: Json, home: Home) -> tuple[list[str], Path]:
    """Return the command that runs dbt; with a warehouse, the runner writes the profile."""
    paths = {name: _source_path(attempt, home, settings, name) for name in dbt_folders(settings)}
    folders = {name: disk_path(home, path) for name, path in paths.items()}
    if not all(folder.is_dir() for folder in folders.values()):
        raise CannotRunError(f"Cannot read a folder of the dbt_task: {', '.join(paths.values())}")
    write_private(attempt.spec, json.dumps(dbt_spec(settings, folders, home, attempt.result)))
    return [*DBT_COMMAND, str(attempt.spec)], folders["project_directory"]


def _positional_arguments(settings: Json) -> list[str]:
    return [str(each) for each in settings.get("parameters") or []]


def _source_path(attempt: Attempt, home: Home, settings: Json, name: str) -> str:
    """Return the path in the workspace of a task's file; a file from Git is below `/Repos/.internal`.

    Source: Databricks Jobs API, `source`: without it, a job with a `git_source` takes the file from Git.
    """
    path = str(settings.get(name, ""))
    origin = settings.get("source") or _default_source(attempt, path)
    if origin == "WORKSPACE":
        if not path.startswith("/"):
            raise CannotRunError(f"task {attempt.task['task_key']} needs the absolute path of {path}")
        return normalize_path(path)
    if origin != "GIT" or not attempt.git_source:
        raise CannotRunError(
            f"task {attempt.task['task_key']} takes {path} from {origin}, but its job has no git_source"
        )
    try:
        folder = git_code(home, attempt.git_source)
    except GitCodeError as error:
        raise CannotRunError(f"task {attempt.task['task_key']} takes {path} from Git: {error}") from None
    return normalize_path(f"/{folder.relative_to(home.files).as_posix()}/{path}")


def _default_source(attempt: Attempt, path: str) -> str:
    return "GIT" if attempt.git_source and not path.startswith("/") else "WORKSPACE"


def source_file(home: Home, path: str, error: str) -> Path:
    """Return the file of a notebook or script; the path may omit its extension.

    Raises:
        CannotRunError: the file does not exist; the message is `error`.
    """
    for spelling in (f"{path}{suffix}" for suffix in source.SUFFIXES):
        file = disk_path(home, spelling)
        if file.is_file():
            return file
    raise CannotRunError(error)


def _spec(
    attempt: Attempt, task_parameters: Mapping[str, Any], home: Home, notebook: Path, path: str
) -> Json:
    # As on Databricks, job parameters override the task's parameters of the same name.
    parameters = {**task_parameters, **attempt.parameters}
    return {
        "notebook": str(notebook),
        "workspace_path": path,
        "workspace_files": str(home.files),
        "parameters": {name: str(value) for name, value in parameters.items()},
        "task_values": attempt.task_values,
        "plots": str(attempt.plots),
        "secrets": str(home.secrets),
        "environments": str(home.environments),
        "result": str(attempt.result),
    }


def _read_result(attempt: Attempt, exit_code: int) -> AttemptResult:
    try:
        content = json.loads(attempt.result.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        content = {}
    output: dict[str, Any] = {
        "tables": content.get("tables") or (),
        "task_values": content.get("task_values") or {},
    }
    if exit_code == 0:
        return AttemptResult("SUCCESS", result=content.get("result"), **output)
    error = content.get("error") or describe_exit(exit_code)
    return AttemptResult("FAILED", error, content.get("error_trace") or log_tail(attempt.log), **output)


def describe_exit(exit_code: int) -> str:
    """Return a line that says how a process ended."""
    if exit_code < 0:
        return f"the task's process was ended by {signal.Signals(-exit_code).name}"
    return f"the task's process ended with exit code {exit_code}"


def log_text(log: Path, start: int, *, complete_lines: bool) -> tuple[str, int]:
    """Return a log's text from a byte on, and the byte at which the text ends.

    Args:
        log: the file; it may be missing.
        start: the first byte.
        complete_lines: True to leave out the last line if it has no end yet.
    """
    if not log.exists():
        return "", 0
    with log.open("rb") as stream:
        stream.seek(start)
        content = stream.read()
    if complete_lines:
        content = content[: content.rfind(b"\n") + 1]
    return content.decode("utf-8", errors="replace"), start + len(content)


def log_tail(log: Path) -> str:
    """Return the last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:])
