"""A task of the course: a folder with a page and a check. Adding a task is adding a folder."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
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
    """A task that the workspace can be asked about.

    Args:
        folder: its folder, from the mesh's root.
        title: what its page is called.
        short: the same in a word or two, for a column.
        check: how far a student is, by the evidence alone.
        flow: the flow that is deployed, `<org>/<domain>/<project>/<flowtype>/<flow>`, if it is about one.
        rows: tables of the student's own that it looks into, each with the columns that it wants of them.
        queries: what it asks the whole class's data once.
    """

    folder: str
    title: str
    short: str
    check: Callable[[Student, Evidence], Outcome]
    flow: str | None = None
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    queries: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in commands: its folder's own name."""
        return self.folder.rpartition("/")[2]


def tasks(root: Path) -> list[Task]:
    """The tasks of the course, in order.

    Args:
        root: the mesh's root; without a course of its own, that of this code is taken.

    Raises:
        MeshError: a check cannot be loaded.
    """
    found: list[Task] = []
    findings: list[Finding] = []
    pattern = f"{FOLDER}/*/*/{CHECK}"
    base = root if any(root.glob(pattern)) else _ROOT
    for file in sorted(base.glob(pattern)):
        try:
            found.append(_task(file, base))
        except MeshError as error:
            findings += error.findings
    if findings:
        raise MeshError(findings)
    return found


def task(root: Path, name: str) -> Task:
    """The task that is called so; its number alone, or its name without it, will do.

    Raises:
        UsageError: there is none, or several.
        MeshError: a check cannot be loaded.
    """
    known = tasks(root)
    asked = name.rstrip("/").removesuffix(f"/{CHECK}")
    fitting = [one for one in known if asked in _names(one)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(f"`{name}` is more than one task: {', '.join(one.folder for one in fitting)}")
    names = [one.name for one in known]
    raise UsageError(f"there is no task `{name}` ({nearest(name, names, 'tasks')})")


def _names(one: Task) -> Iterator[str]:
    yield from (one.folder, one.name, _NUMBER.sub("", one.name, count=1), one.name.partition("-")[0])
    yield one.name.partition("-")[0].lstrip("0")


def _task(file: Path, root: Path) -> Task:
    folder = file.parent.relative_to(root).as_posix()
    module = _module(file, root)
    title = _title(file.parent)
    return Task(
        folder,
        title,
        getattr(module, "TITLE", _NUMBER.sub("", file.parent.name, count=1).replace("-", " ")),
        module.check,
        getattr(module, "FLOW", None),
        getattr(module, "ROWS", {}),
        tuple(getattr(module, "QUERIES", ())),
    )


def _title(folder: Path) -> str:
    """The first heading of its page, without its number; the folder's name where there is none."""
    page = folder / "README.md"
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    heading = next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), folder.name)
    return _NUMBER.sub("", heading, count=1) or heading


def _module(file: Path, root: Path) -> ModuleType:
    """A check, loaded by its path: the course is no package.

    Raises:
        MeshError: it is no Python, or has no function `check`.
    """
    where = file.relative_to(root).as_posix()
    name = "course_" + re.sub(r"\W", "_", where.removesuffix(".py"))
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) and error.lineno else 1
        message = f"cannot be loaded: {type(error).__name__}: {error}"
        raise MeshError([Finding(where, line, 1, "course-check", message)]) from error
    if not callable(getattr(module, "check", None)):
        message = "has no function `check` (write `def check(student, evidence)`)"
        raise MeshError([Finding(where, 1, 1, "course-check", message)])
    return module
