"""Tasks of a job, with the fields of the Databricks Jobs API."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mesh.documents.document import Document, Location
from mesh.files.files import Files
from mesh.finding import Finding, nearest
from mesh.model.task_file import TaskFile, check_task_file, profiles_folder, task_file

COMPUTE = (
    "serverless",
    "job_cluster_key",
    "existing_cluster_name",
    "existing_cluster_id",
    "new_cluster",
    "environment_key",
)
# Databricks documentation, "Configure compute for jobs": kinds that run on a cluster or on
# serverless compute; other kinds bring their own or need none
ON_COMPUTE = {
    "notebook_task",
    "spark_python_task",
    "python_wheel_task",
    "spark_jar_task",
    "spark_submit_task",
    "dbt_task",
}
# Databricks documentation, "Configure and edit tasks": kinds that are not retried
_NEVER_RETRIED = {"condition_task", "for_each_task"}
_OUTCOMES = ("true", "false")


@dataclass(frozen=True)
class ServerlessEnvironment:
    """An environment for serverless tasks that declare none.

    Args:
        key: its `environment_key`.
        dependencies: the packages that it installs.
    """

    key: str
    dependencies: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """The entry of `environments`, in the format of the Jobs API."""
        packages = {"dependencies": list(self.dependencies)} if self.dependencies else {}
        return {"environment_key": self.key, "spec": {"environment_version": _VERSION, **packages}}


# Databricks documentation, "Serverless environment versions": supported, with Python 3.12
_VERSION = "4"
_PYTHON = ServerlessEnvironment("default")
# Databricks documentation, "dbt task for jobs": the task installs its adapter as a dependency
_DBT = ServerlessEnvironment("dbt", ("dbt-databricks>=1.8.0,<2.0.0",))
_ENVIRONMENTS = {"spark_python_task": _PYTHON, "python_wheel_task": _PYTHON, "dbt_task": _DBT}

# Ids that Databricks requires, and the mesh's name fields to look them up
_BY_NAME = {
    "sql_task": ("warehouse_id", "warehouse_name"),
    "run_job_task": ("job_id", "flow"),
    "pipeline_task": ("pipeline_id", "flow"),
}
KEY = r"^[\w-]{1,100}$"


@dataclass(frozen=True)
class Task:
    """A task as declared; fields of a wrong type are ignored.

    Args:
        data: its fields, in the API's spelling.
        at: its position in the document.
        file: its deployment.yml, from the mesh's root.
        git_source: True if the deployment.yml declares the repository for `source: GIT`.
    """

    data: Mapping[str, Any]
    at: Location
    file: str
    git_source: bool = False

    @property
    def key(self) -> str:
        """Its `task_key`."""
        return self.text("task_key")

    @cached_property
    def kinds(self) -> list[str]:
        """The `*_task` blocks: at most one is valid; without one, the task runs the notebook of its name."""
        return [name for name, value in self.data.items() if name.endswith("_task") and value is not None]

    @property
    def depends_on(self) -> list[str]:
        """The keys of the tasks it depends on; `""` for an entry without a key."""
        keys = (entry.get("task_key") for entry in _dependencies(self.data))
        return [key if isinstance(key, str) else "" for key in keys]

    @cached_property
    def computes(self) -> list[str]:
        """The fields that set its compute; `environment_key` beside `serverless` is left out."""
        fields = [name for name in COMPUTE if self.data.get(name)]
        return [name for name in fields if name != "environment_key" or "serverless" not in fields]

    @property
    def needs_compute(self) -> bool:
        """True if the task must declare its compute."""
        if not self.kinds:
            return True
        notebook = self.data.get("notebook_task")
        if isinstance(notebook, Mapping) and any(notebook.get(f"warehouse_{by}") for by in ("id", "name")):
            return False
        return not ON_COMPUTE.isdisjoint(self.kinds)

    @property
    def serverless(self) -> bool:
        """True if the task runs on serverless compute."""
        on_clusters = set(COMPUTE) - {"serverless", "environment_key"}
        return self.needs_compute and bool(self.computes) and on_clusters.isdisjoint(self.computes)

    @cached_property
    def default_environment(self) -> ServerlessEnvironment | None:
        """The environment that Databricks requires, if the task declares none.

        Source: Databricks SDK, `jobs.Task.environment_key`.
        """
        if not self.serverless or self.data.get("environment_key"):
            return None
        return next((environment for kind, environment in _ENVIRONMENTS.items() if kind in self.kinds), None)

    @property
    def retried(self) -> bool:
        """True if the task takes over the retry settings of its flow, project, domain and org."""
        return _NEVER_RETRIED.isdisjoint(self.kinds)

    @cached_property
    def runs(self) -> TaskFile | None:
        """The file that the task names."""
        return task_file(self.data, self.at, self.file, self.git_source)

    @cached_property
    def files(self) -> tuple[TaskFile, ...]:
        """All files and folders that the task names."""
        profiles = profiles_folder(self.data, self.at, self.file, self.git_source)
        return tuple(file for file in (self.runs, profiles) if file)

    @cached_property
    def inner(self) -> Task | None:
        """The task that a `for_each_task` runs for each input."""
        if (block := self.data.get("for_each_task")) is None:
            return None
        task = block.get("task") if isinstance(block, Mapping) else None
        if not isinstance(task, Mapping):
            return None
        return Task(task, (*self.at, "for_each_task", "task"), self.file, self.git_source)

    def text(self, field: str) -> str:
        """The value of a field that holds text, else `""`."""
        value = self.data.get(field)
        return value if isinstance(value, str) else ""


def _dependencies(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Returns the entries of `depends_on`, each at its index; an entry of a wrong type is empty."""
    listed = task.get("depends_on")
    return [one if isinstance(one, Mapping) else {} for one in (listed if isinstance(listed, list) else [])]


def declared_tasks(job: Mapping[str, Any], file: str) -> tuple[Task, ...]:
    """Returns the tasks of a job.

    Args:
        job: its fields.
        file: the deployment.yml.
    """
    declared = job.get("tasks")
    entries = enumerate(declared if isinstance(declared, list) else [])
    own_git = job.get("git_source") is not None
    return tuple(
        Task(task, ("tasks", at), file, own_git) for at, task in entries if isinstance(task, Mapping)
    )


def with_inner(tasks: Sequence[Task]) -> Iterator[Task]:
    """Returns the tasks and the inner tasks of `for_each_task`."""
    for task in tasks:
        yield task
        if task.inner:
            yield from with_inner([task.inner])


def check_tasks(tasks: Sequence[Task], document: Document, files: Files) -> Iterator[Finding]:
    """Checks a job's tasks, apart from the types of their fields.

    Args:
        tasks: as declared in `document`.
        document: the deployment.yml.
        files: the files of the mesh, for those that tasks name.
    """
    keys = [task.key for task in tasks]
    conditions = {task.key for task in tasks if "condition_task" in task.kinds}
    for index, task in enumerate(tasks):
        if task.key and task.key in keys[:index]:
            message = f"task `{task.key}` is declared twice (rename one)"
            yield document.finding("task-twice", (*task.at, "task_key"), message)
        yield from _check_dependencies(task, keys, document)
        yield from _check_outcomes(task, conditions, document)
    for task in with_inner(tasks):
        yield from _check_task(task, document, files)
    yield from _check_cycle(tasks, document)


def _check_task(task: Task, document: Document, files: Files) -> Iterator[Finding]:
    named = not task.key or re.fullmatch(KEY, task.key) is not None
    if not named:
        message = f"`task_key` is `{task.key[:60]}`: should be letters, digits, `_` and `-`, 100 at most"
        yield document.finding("wrong-value", (*task.at, "task_key"), message)
    if len(task.kinds) > 1:
        message = f"task `{task.key}` has {' and '.join(task.kinds)} (keep one, or split the task)"
        yield document.finding("task-of-two-kinds", (*task.at, task.kinds[1]), message, at_key=True)
    yield from _check_compute(task, document)
    yield from _check_retries(task, document)
    for field, (by_id, by_name) in _BY_NAME.items():
        block = task.data.get(field)
        if isinstance(block, Mapping) and block.get(by_id) is None and block.get(by_name) is None:
            message = f"`{by_id}` is missing in {field} (add it, or `{by_name}`)"
            yield document.finding("missing-field", (*task.at, field), message)
    for place, block in blocks(task.data, task.at):
        for by_id, by_name in _BY_NAME.values():
            if block.get(by_id) is not None and block.get(by_name) is not None:
                message = f"`{place[-1]}` has {by_id} and {by_name} (keep one)"
                yield document.finding("conflicting-fields", (*place, by_name), message, at_key=True)
    for file in task.files if named or task.kinds else ():
        yield from check_task_file(file, document, files)


def blocks(task: Mapping[str, Any], at: Location) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    """Returns the `*_task` blocks of a task with their positions."""
    for name, value in task.items():
        if name.endswith("_task") and isinstance(value, Mapping):
            yield (*at, name), value


def _check_dependencies(task: Task, keys: Sequence[str], document: Document) -> Iterator[Finding]:
    for index, key in enumerate(task.depends_on):
        if key and key not in keys:
            at = (*task.at, "depends_on", index, "task_key")
            message = f"task `{task.key}` depends on `{key}`, which is not in this file"
            yield document.finding("unknown-task", at, f"{message} ({nearest(key, keys, 'tasks')})")


def _check_compute(task: Task, document: Document) -> Iterator[Finding]:
    if task.needs_compute and not task.computes:
        message = f"task `{task.key}` has no compute (add `serverless: true` or {', '.join(COMPUTE[1:5])})"
        yield document.finding("task-without-compute", task.at, message)
    if len(task.computes) > 1:
        message = f"task `{task.key}` has {' and '.join(task.computes)} (keep one)"
        at = (*task.at, task.computes[1])
        yield document.finding("task-with-two-computes", at, message, at_key=True)


def _check_retries(task: Task, document: Document) -> Iterator[Finding]:
    if not task.retried and task.data.get("max_retries"):
        message = f"task `{task.key}` is not retried, because it has {task.kinds[0]}"
        remedy = "set max_retries of its inner task" if task.inner else "remove max_retries"
        yield document.finding(
            "task-not-retried", (*task.at, "max_retries"), f"{message} ({remedy})", at_key=True
        )


def _check_outcomes(task: Task, conditions: Collection[str], document: Document) -> Iterator[Finding]:
    """Checks that outcomes are those of conditions; Databricks SDK, `jobs.TaskDependency.outcome`."""
    for index, entry in enumerate(_dependencies(task.data)):
        key, outcome = entry.get("task_key"), entry.get("outcome")
        at = (*task.at, "depends_on", index, "outcome")
        if outcome is not None and key not in conditions:
            message = f"task `{key}` has no outcome, because it is not a condition_task (remove `outcome`)"
            yield document.finding("outcome-without-condition", at, message, at_key=True)
        elif isinstance(outcome, str) and outcome not in _OUTCOMES:
            message = (
                f'a condition ends with `"true"` or `"false"`, never `{outcome[:60]}` (write one of them)'
            )
            yield document.finding("wrong-value", at, message)


def _check_cycle(tasks: Sequence[Task], document: Document) -> Iterator[Finding]:
    graph = {task.key: set(task.depends_on) for task in tasks}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        first = next(task for task in tasks if task.key == cycle[0])
        path = " → ".join(f"`{key}`" for key in reversed(cycle))
        message = f"tasks wait for each other: {path} (remove one depends_on)"
        yield document.finding("task-cycle", (*first.at, "depends_on"), message)
