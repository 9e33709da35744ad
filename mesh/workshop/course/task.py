"""A task of the course: a folder with a page and a check. To add a task, add a folder."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from mesh.errors import MeshError, UsageError
from mesh.finding import Finding, nearest
from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import Outcome
from mesh.workshop.student import Student

FOLDER = "course"
CHECK = "check.py"
_NUMBER = re.compile(r"\d+[-.]?\s*")
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Task:
    """A task that can be checked in the workspace.

    Args:
        folder: its folder, relative to the mesh's root.
        title: the title of its page.
        label: a short title, for a table column.
        check: returns a student's outcome from the evidence alone.
        flow: the flow that it deploys, `<org>/<domain>/<project>/<flowtype>/<flow>`, if any.
        rows: the tables of the student and of the student's deployments whose rows it reads, each with the
            columns that it needs.
        queries: the queries that it compares with, run once for the whole class.
        pipeline: whether its flow is a pipeline.
    """

    folder: str
    title: str
    label: str
    check: Callable[[Student, Evidence], Outcome]
    flow: str | None = None
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    queries: tuple[str, ...] = ()
    pipeline: bool = False

    @property
    def name(self) -> str:
        """The task's name in commands: the name of its folder."""
        return self.folder.rpartition("/")[2]

    @property
    def part(self) -> str:
        """The part of the course: the name of the folder above its own."""
        return self.folder.split("/")[-2]


def read_tasks(root: Path) -> list[Task]:
    """Reads the tasks of the course, in order.

    Args:
        root: the mesh's root; if it has no course, the course of this checkout is read.

    Raises:
        MeshError: a check cannot be loaded.
    """
    tasks: list[Task] = []
    findings: list[Finding] = []
    pattern = f"{FOLDER}/*/*/{CHECK}"
    base = root if any(root.glob(pattern)) else _ROOT
    for file in sorted(base.glob(pattern)):
        try:
            tasks.append(_task(file, base))
        except MeshError as error:
            findings += error.findings
    if findings:
        raise MeshError(findings)
    return tasks


def of_parts(tasks: Sequence[Task], names: Collection[str]) -> list[Task]:
    """Returns the tasks of some parts of the course, in their order.

    Args:
        tasks: all tasks.
        names: names of parts, or their numbers; empty for all.

    Raises:
        UsageError: there is no such part.
    """
    chosen: set[str] = set()
    parts = list(dict.fromkeys(task.part for task in tasks))
    for name in names:
        matches = [part for part in parts if name in (part, *_numbers(part))]
        if not matches:
            raise UsageError(f"there is no part `{name}` ({nearest(name, parts, 'parts')})")
        chosen |= {*matches}
    return [task for task in tasks if task.part in chosen or not names]


def find_task(root: Path, name: str) -> Task:
    """Finds a task by its name; the number alone, or the name without the number, is enough.

    Raises:
        UsageError: no task, or more than one, has this name.
        MeshError: a check cannot be loaded.
    """
    tasks = read_tasks(root)
    short_name = name.rstrip("/").removesuffix(f"/{CHECK}")
    matches = [task for task in tasks if short_name in _names(task)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(f"`{name}` is more than one task: {', '.join(task.folder for task in matches)}")
    names = [task.name for task in tasks]
    raise UsageError(f"there is no task `{name}` ({nearest(name, names, 'tasks')})")


def _names(task: Task) -> Iterator[str]:
    yield from (task.folder, task.name, _NUMBER.sub("", task.name, count=1), *_numbers(task.name))


def _numbers(name: str) -> tuple[str, str]:
    """The number at the beginning of a folder's name, with and without zeros in front."""
    number = name.partition("-")[0]
    return number, number.lstrip("0")


def _task(file: Path, root: Path) -> Task:
    folder = file.parent.relative_to(root).as_posix()
    module = _load(file, root)
    title = _title(file.parent)
    return Task(
        folder,
        title,
        getattr(module, "TITLE", _NUMBER.sub("", file.parent.name, count=1).replace("-", " ")),
        module.check,
        getattr(module, "FLOW", None),
        getattr(module, "ROWS", {}),
        tuple(getattr(module, "QUERIES", ())),
        bool(getattr(module, "PIPELINE", False)),
    )


def _title(folder: Path) -> str:
    """The first heading of the task's page, without its number; the folder's name if there is none."""
    page = folder / "README.md"
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    heading = next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), folder.name)
    return _NUMBER.sub("", heading, count=1) or heading


def _load(file: Path, root: Path) -> ModuleType:
    """Loads a check by its path, because the course is not a Python package.

    Raises:
        MeshError: the file is not valid Python, or has no function `check`.
    """
    path = file.relative_to(root).as_posix()
    name = "course_" + re.sub(r"\W", "_", path.removesuffix(".py"))
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) and error.lineno else 1
        message = f"cannot be loaded: {type(error).__name__}: {error}"
        raise MeshError([Finding(path, line, 1, "course-check", message)]) from error
    if not callable(getattr(module, "check", None)):
        message = "has no function `check` (write `def check(student, evidence)`)"
        raise MeshError([Finding(path, 1, 1, "course-check", message)])
    return module
