"""One task of a job, in the spelling of the Databricks Jobs API and of brickops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from mesh.declared import Declared
from mesh.defaults import Retries
from mesh.document import Document
from mesh.finding import Finding, nearest

# Databricks documentation, "Export and import Databricks notebooks": source formats by extension
LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}
NOTEBOOK_SUFFIXES = (*LANGUAGES, ".R", ".ipynb")

_COMPUTE = ("serverless", "job_cluster_key", "existing_cluster_name", "existing_cluster_id")


class NotebookTask(Declared):
    """Which notebook a task runs."""

    notebook_path: Annotated[str, Field(min_length=1)]
    """Beside deployment.yml; from the repository's root or the workspace's when `source` says so."""

    source: Literal["GIT", "WORKSPACE"] | None = None
    """Where the path begins; unset means beside deployment.yml, as in brickops."""

    base_parameters: Mapping[str, str] = Field(default_factory=dict)
    """Widget values of this task; a job parameter of the same name wins."""


class Dependency(Declared):
    """A task that has to end first."""

    task_key: str
    """The other task's key."""


class Task(Retries):
    """One task; without `notebook_task` it is the notebook of the same name beside deployment.yml."""

    task_key: Annotated[str, Field(pattern=r"^[\w-]{1,100}$")]
    """Unique in the job."""

    notebook_task: NotebookTask | None = None
    """The notebook, when it is not called like the task."""

    depends_on: tuple[Dependency, ...] = ()
    """The tasks that have to end before this one begins."""

    serverless: StrictBool = False
    """Run on serverless compute."""

    job_cluster_key: str | None = None
    """Run on a job cluster made from this template: the nearest that a compute.yml declares."""

    existing_cluster_name: str | None = None
    """Run on the cluster of this name: the nearest that a compute.yml declares, else the workspace's."""

    existing_cluster_id: str | None = None
    """Run on the cluster with this id."""

    timeout_seconds: Annotated[StrictInt, Field(ge=0)] | None = None
    """After how many seconds the task is cancelled; 0 never."""


def check_tasks(tasks: Sequence[Task], document: Document, root: Path) -> Iterator[Finding]:
    """All that is wrong with a job's tasks, apart from their fields.

    Args:
        tasks: as declared in `document`.
        document: the deployment.yml.
        root: the mesh's root, below which the notebooks are looked for.
    """
    keys = [task.task_key for task in tasks]
    for index, task in enumerate(tasks):
        at = ("tasks", index)
        if task.task_key in keys[:index]:
            yield document.finding(
                "task-twice", (*at, "task_key"), f"task `{task.task_key}` stands here twice (rename one)"
            )
        yield from _check_dependencies(task, keys, document, at)
        yield from _check_compute(task, document, at)
        yield from _check_notebook(task, document, at, root)
    yield from _check_cycle(tasks, document)


def notebook(task: Task, file: str) -> PurePosixPath | None:
    """The task's notebook from the mesh's root, without suffix; None when it is not in the repository.

    Source: brickops' `enrich_tasks`.

    Args:
        task: the task.
        file: the deployment.yml that declares it, from the mesh's root.
    """
    folder = PurePosixPath(file).parent
    if task.notebook_task is None:
        return folder / task.task_key
    if task.notebook_task.source is None:
        return folder / task.notebook_task.notebook_path
    if task.notebook_task.source == "GIT":
        return PurePosixPath(task.notebook_task.notebook_path)
    return None


def _check_dependencies(
    task: Task, keys: Sequence[str], document: Document, at: tuple[str | int, ...]
) -> Iterator[Finding]:
    for index, dependency in enumerate(task.depends_on):
        if dependency.task_key not in keys:
            yield document.finding(
                "unknown-task",
                (*at, "depends_on", index, "task_key"),
                f"task `{task.task_key}` depends on `{dependency.task_key}`, which is not in this file "
                f"({nearest(dependency.task_key, keys, 'tasks')})",
            )


def _check_compute(task: Task, document: Document, at: tuple[str | int, ...]) -> Iterator[Finding]:
    chosen = [field for field in _COMPUTE if getattr(task, field)]
    if not chosen:
        yield document.finding(
            "task-without-compute",
            at,
            f"task `{task.task_key}` has no compute (add `serverless: true` or {', '.join(_COMPUTE[1:])})",
        )
    if len(chosen) > 1:
        yield document.finding(
            "task-with-two-computes",
            (*at, chosen[1]),
            f"task `{task.task_key}` has {' and '.join(chosen)} (keep one)",
            at_key=True,
        )


def _check_notebook(
    task: Task, document: Document, at: tuple[str | int, ...], root: Path
) -> Iterator[Finding]:
    path = notebook(task, document.file)
    if path is None:
        return
    at = (*at, "notebook_task", "notebook_path") if task.notebook_task else (*at, "task_key")
    if ".." in path.parts or path.is_absolute():
        written = task.notebook_task.notebook_path if task.notebook_task else task.task_key
        yield document.finding(
            "notebook-outside", at, f"notebook `{written}` may not leave its folder (no `..`, no leading `/`)"
        )
    elif path.suffix in NOTEBOOK_SUFFIXES and _is_file(root / path):
        yield document.finding(
            "notebook-with-suffix",
            at,
            f"notebook `{path.name}` is named with its suffix (write `{path.stem}`)",
        )
    elif not (files := [file for file in _candidates(path, root) if _is_file(file)]):
        yield document.finding(
            "notebook-missing",
            at,
            f"notebook `{path}` does not exist (add it as a .py file, or correct the name)",
        )
    elif not any(file.resolve().is_relative_to(root.resolve()) for file in files):
        message = f"notebook `{path}` is a link out of the repository (put the file itself here)"
        yield document.finding("link-outside", at, message)


def _candidates(path: PurePosixPath, root: Path) -> Iterator[Path]:
    return (root / f"{path}{suffix}" for suffix in NOTEBOOK_SUFFIXES)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no file has a name that long
        return False


def _check_cycle(tasks: Sequence[Task], document: Document) -> Iterator[Finding]:
    graph = {task.task_key: {d.task_key for d in task.depends_on} for task in tasks}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        index = next(i for i, task in enumerate(tasks) if task.task_key == cycle[0])
        path = " → ".join(f"`{key}`" for key in reversed(cycle))
        yield document.finding(
            "task-cycle",
            ("tasks", index, "depends_on"),
            f"tasks wait for each other: {path} (remove one depends_on)",
        )
