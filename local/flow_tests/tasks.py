"""Runs a task of a flow in the process of its test."""

import contextlib
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.flow_tests.own_schema import OwnSchema
from local.flow_tests.reading import ReadingSession
from local.flow_tests.specification import FlowSpecification, TaskSpecification
from local.notebook import failure, source, statements
from local.notebook.dbutils import TaskValues
from local.notebook.runner import Runner
from local.task_references import UnknownReferenceError, resolve

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_KINDS = ("notebook_task", "spark_python_task", "sql_task")


class TaskFailedError(AssertionError):
    """A task failed; the message has its error and the lines of the flow's code."""


class UnknownTaskError(LookupError):
    """The flow has no such task, or a test cannot run it."""


@dataclass(frozen=True)
class TaskRun:
    """What a task left, apart from tables.

    Args:
        value: the value of `dbutils.notebook.exit`; None without one.
        task_values: the values that it set for later tasks.
    """

    value: str | None = None
    task_values: Mapping[str, Any] = field(default_factory=dict)


class TaskRunner:
    """Runs tasks of one flow; task values of a run reach the tasks after it.

    Args:
        flow: the flow.
        root: the mesh's root.
        schema: the schema that the tasks write to.
        spark: the session.
        views: the views to read in place of tables, by the tables' full names.
    """

    def __init__(
        self,
        flow: FlowSpecification,
        root: Path,
        schema: OwnSchema,
        spark: "SparkSession",
        views: Mapping[str, str] | None = None,
    ) -> None:
        self._flow, self._root, self._schema, self._spark = flow, root, schema, spark
        self._views = {} if views is None else views  # later views count, too
        self._values: dict[str, Mapping[str, Any]] = {}

    def __call__(
        self, key: str, *, reading: Mapping[str, str] | None = None, **parameters: object
    ) -> TaskRun:
        """Runs a task.

        Args:
            key: its `task_key`.
            reading: the table to read in place of another, by the full name of the other one.
            parameters: values of parameters; the others are those of the job.

        Raises:
            TaskFailedError: the task failed.
            UnknownTaskError: the flow has no such task, or a test cannot run its kind.
        """
        __tracebackhide__ = True
        task = self._task(key)
        given = {name: str(value) for name, value in parameters.items()}
        job = {**self._flow.parameters, "catalog": self._schema.catalog, "schema": self._schema.name, **given}
        own = self._own(task, job)
        replaced = {**self._views, **(reading or {})}
        session: Any = ReadingSession(self._spark, replaced) if replaced else self._spark
        try:
            with _modules_of(self._root / self._flow.folder):
                run = self._run(task, session, own, job)
        except Exception as error:
            text = f"task `{key}` failed: {failure.summary(error)}\n{failure.trace(error)}"
            raise TaskFailedError(text) from None
        self._values[key] = run.task_values
        return run

    def _task(self, key: str) -> TaskSpecification:
        task = next((one for one in self._flow.tasks if one.key == key), None)
        if task is None:
            keys = ", ".join(one.key for one in self._flow.tasks) or "none"
            raise UnknownTaskError(f"{self._flow.path} has no task `{key}` (tasks: {keys})")
        if task.kind not in _KINDS or not task.file:
            what = task.kind if task.kind not in _KINDS else f"{task.kind} without a file of the repository"
            raise UnknownTaskError(
                f"a test cannot run task `{key}`, a {what} (it can run {', '.join(_KINDS)})"
            )
        return task

    def _own(self, task: TaskSpecification, job: Mapping[str, str]) -> Any:
        """The task's own parameters, with their references replaced."""
        references = {f"job.parameters.{name}": value for name, value in job.items()}
        for key, values in self._values.items():
            references |= {f"tasks.{key}.values.{name}": str(value) for name, value in values.items()}
        references |= {"input": job["input"]} if "input" in job else {}
        try:
            return resolve(task.parameters, references)
        except UnknownReferenceError as error:
            raise UnknownTaskError(f"task `{task.key}`: {error}") from None

    def _run(self, task: TaskSpecification, session: Any, own: Any, job: Mapping[str, str]) -> TaskRun:
        path = self._root / task.file
        if task.kind == "spark_python_task":
            _script(path, own if isinstance(own, Sequence) else ())
            return TaskRun()
        named = {**(own if isinstance(own, Mapping) else {}), **job}
        if task.kind == "sql_task":
            for statement in statements.split(path.read_text(encoding="utf-8")):
                markers = statements.markers(statement)
                values = {name: value for name, value in named.items() if name in markers}
                session.sql(statement, args=values or None)
            return TaskRun()
        values = TaskValues(self._values)
        file = source.find(path)
        value = Runner(session, self._root, values).run(file, f"/{task.file}", named)
        return TaskRun(value, values.own)


def _script(path: Path, words: Sequence[str]) -> None:
    before = sys.argv
    sys.argv = [str(path), *words]
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as ended:
        if ended.code not in (None, 0):
            raise RuntimeError(f"SystemExit: {ended.code}") from None
    finally:
        sys.argv = before


@contextlib.contextmanager
def _modules_of(folder: Path) -> Iterator[None]:
    """Lets a task import from its flow's folder, and forgets its modules and paths afterwards."""
    path, modules = [*sys.path], set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        root = str(folder.parents[-2] if len(folder.parents) > 1 else folder)
        for name in set(sys.modules) - modules:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(root) and "site-packages" not in file:
                del sys.modules[name]
