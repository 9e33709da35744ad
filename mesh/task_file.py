"""Files that tasks name: notebooks, Python and SQL files, dbt projects; beside deployment.yml by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mesh.document import Document, Location
from mesh.finding import Finding

# Databricks documentation, "Export and import Databricks notebooks": source formats by extension
LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}
NOTEBOOK_SUFFIXES = (*LANGUAGES, ".R", ".ipynb")

# Blocks that name a file, and their field that does; Databricks Jobs API, `tasks`
_FIELDS: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("notebook_task",): ("notebook_path", "notebook"),
    ("spark_python_task",): ("python_file", "Python file"),
    ("sql_task", "file"): ("path", "SQL file"),
    ("dbt_task",): ("project_directory", "dbt project"),
}


@dataclass(frozen=True)
class TaskFile:
    """What a task runs, where it names a file.

    Args:
        block: where in the task the file is named.
        field: the block's field that names it.
        written: the name as the field says it, or the task's key.
        path: from the mesh's root; a notebook's has no suffix. None when it is not in this repository.
        what: for people.
        at: where in the document the name stands.
    """

    block: tuple[str, ...]
    field: str
    written: str
    path: PurePosixPath | None
    what: str
    at: Location

    @property
    def is_notebook(self) -> bool:
        """Whether suffixes are left out of its name."""
        return self.field == "notebook_path"

    @property
    def candidates(self) -> list[str]:
        """The paths at which it may lie, from the mesh's root."""
        return [f"{self.path}{suffix}" for suffix in (NOTEBOOK_SUFFIXES if self.is_notebook else ("",))]


def task_file(task: Mapping[str, Any], at: Location, file: str, git_source: bool) -> TaskFile | None:
    """The file that a task names; without any `*_task` it is the notebook called like the task.

    Source: brickops' `enrich_tasks`.

    Args:
        task: as declared; fields of a wrong type count as not there.
        at: where it stands in its deployment.yml.
        file: that deployment.yml, from the mesh's root.
        git_source: whether that says itself which repository `source: GIT` means.
    """
    folder = PurePosixPath(file).parent
    if not any(name.endswith("_task") and value is not None for name, value in task.items()):
        key = task.get("task_key")
        if not isinstance(key, str):
            return None
        return TaskFile(("notebook_task",), "notebook_path", key, folder / key, "notebook", (*at, "task_key"))
    for block, (field, what) in _FIELDS.items():
        inner = _inside(task, block)
        written = inner.get(field)
        if isinstance(written, str):
            source = inner.get("source")
            path = None if git_source and source == "GIT" else _path(written, source, folder, what)
            return TaskFile(block, field, written, path, what, (*at, *block, field))
    return None


def _inside(task: Mapping[str, Any], block: tuple[str, ...]) -> Mapping[str, Any]:
    value: Any = task
    for name in block:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _path(written: str, source: object, folder: PurePosixPath, what: str) -> PurePosixPath | None:
    if source == "GIT":
        return PurePosixPath(written)
    if source is not None:
        return None
    # Databricks Jobs API, `spark_python_task.python_file`: cloud storage by its scheme, workspace from `/`
    if what != "notebook" and (written.startswith("/") or ":/" in written):
        return None
    return folder / written


def check_task_file(found: TaskFile, document: Document, root: Path) -> Iterator[Finding]:
    """What is wrong with the file that a task names, where it has to be in this repository.

    Args:
        found: the file.
        document: the deployment.yml that names it.
        root: the mesh's root, without links.
    """
    path, what, at = found.path, found.what, found.at
    if path is None:
        return
    if ".." in path.parts or path.is_absolute():
        message = f"{what} `{found.written}` may not leave its folder (no `..`, no leading `/`)"
        yield document.finding("notebook-outside", at, message)
        return
    if found.is_notebook and path.suffix in NOTEBOOK_SUFFIXES and _is_there(root / path):
        message = f"notebook `{path.name}` is named with its suffix (write `{path.stem}`)"
        yield document.finding("notebook-with-suffix", at, message)
        return
    folder = root / path.parent
    beside = (folder / candidate.rpartition("/")[2] for candidate in found.candidates)
    files = [file for file in beside if _is_there(file)]
    if not files:
        remedy = "add it as a .py file" if found.is_notebook else "add it"
        message = f"{what} `{path}` does not exist ({remedy}, or correct the name)"
        yield document.finding("notebook-missing", at, message)
    elif not any(file.resolve().is_relative_to(root) for file in files):
        message = f"{what} `{path}` is a link out of the repository (put the file itself here)"
        yield document.finding("link-outside", at, message)
    elif any(file.is_dir() == (found.field != "project_directory") for file in files):
        right = "folder" if found.field == "project_directory" else "file"
        yield document.finding("notebook-missing", at, f"{what} `{path}` is no {right} (correct the name)")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # no file has a name that long
        return False
