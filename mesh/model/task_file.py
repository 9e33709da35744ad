"""Files that tasks of a job name: notebooks, Python files, SQL files and folders of dbt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from mesh.documents.document import Document, Location
from mesh.files.files import FILE, FOLDER, Files
from mesh.finding import Finding
from mesh.model.notebook import NOTEBOOK_SUFFIXES, header, language_of, suffix_of

# Blocks that name a file: the field with the name, and the label in messages; Jobs API, `tasks`
_FIELDS: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("notebook_task",): ("notebook_path", "notebook"),
    ("spark_python_task",): ("python_file", "Python file"),
    ("sql_task", "file"): ("path", "SQL file"),
    ("dbt_task",): ("project_directory", "dbt project"),
}


# dbt documentation, "dbt_project.yml" and "profiles.yml"
_OF_FOLDERS = {
    "project_directory": ("dbt_project.yml", "dbt_project.yaml"),
    "profiles_directory": ("profiles.yml",),
}
_AS_FILE = {".py": "`spark_python_task`, in a pipeline `file`", ".sql": "`sql_task`, in a pipeline `file`"}


@dataclass(frozen=True)
class TaskFile:
    """A file that a task names.

    Args:
        block: the path of the block in the task.
        field: the field of the block with the name.
        written: the value of the field, or the task's key.
        path: the file's path from the mesh's root, for a notebook without suffix; None if the file is not in
            this repository.
        what: the label in messages.
        at: the name's position in the document.
        origin: what the path is relative to.
    """

    block: tuple[str, ...]
    field: str
    written: str
    path: PurePosixPath | None
    what: str
    at: Location
    origin: str = "this folder"

    @property
    def is_notebook(self) -> bool:
        """True for a notebook, whose name has no suffix."""
        return self.field == "notebook_path"

    @property
    def is_folder(self) -> bool:
        """True for the folders of dbt."""
        return self.block == ("dbt_task",)

    @property
    def is_absolute(self) -> bool:
        """True for a path in the workspace that names no source."""
        return self.path is None and self.written.startswith("/")

    @property
    def candidates(self) -> list[str]:
        """The possible paths, relative to the mesh's root."""
        return [f"{self.path}{suffix}" for suffix in (NOTEBOOK_SUFFIXES if self.is_notebook else ("",))]


def task_file(task: Mapping[str, Any], at: Location, file: str, git_source: bool) -> TaskFile | None:
    """Returns the file that a task names; without a `*_task` block, the notebook with the name of the task.

    Source: brickops' `enrich_tasks`.

    Args:
        task: as declared; fields of a wrong type are ignored.
        at: its position in its deployment.yml.
        file: that deployment.yml, from the mesh's root.
        git_source: True if the deployment.yml declares the repository for `source: GIT`.
    """
    folder = _folder(file)
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
            path = _path(written, source, folder, what, git_source)
            origin = "the root of the repository" if source == "GIT" else "this folder"
            return TaskFile(block, field, written, path, what, (*at, *block, field), origin)
    return None


def profiles_folder(task: Mapping[str, Any], at: Location, file: str, git_source: bool) -> TaskFile | None:
    """Returns the folder with the profiles of a dbt task; it has the `source` of the project's folder.

    Args:
        task: as declared; fields of a wrong type are ignored.
        at: its position in its deployment.yml.
        file: that deployment.yml, from the mesh's root.
        git_source: True if the deployment.yml declares the repository for `source: GIT`.
    """
    block, field, what = "dbt_task", "profiles_directory", "dbt profiles folder"
    if block not in task:
        return None
    inner = _inside(task, (block,))
    written, source = inner.get(field), inner.get("source")
    if not isinstance(written, str):
        return None
    path = _path(written, source, _folder(file), what, git_source)
    return TaskFile((block,), field, written, path, what, (*at, block, field))


@lru_cache
def _folder(file: str) -> PurePosixPath:
    return PurePosixPath(file).parent


def _inside(task: Mapping[str, Any], block: tuple[str, ...]) -> Mapping[str, Any]:
    value: Any = task
    for name in block:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _path(
    written: str, source: object, folder: PurePosixPath, what: str, git_source: bool
) -> PurePosixPath | None:
    if source == "GIT":  # a path that begins with `/` is wrong in any repository
        return None if git_source and not written.startswith("/") else PurePosixPath(written)
    if source is not None:
        return None
    # Databricks Jobs API, `spark_python_task.python_file`: cloud storage by its scheme, workspace from `/`
    if what != "notebook" and (written.startswith("/") or ":/" in written):
        return None
    return folder / written


def check_task_file(task_file: TaskFile, document: Document, files: Files) -> Iterator[Finding]:
    """Checks a file that a task names, if it must be in this repository.

    Args:
        task_file: the file.
        document: the deployment.yml that names it.
        files: the files of the mesh.
    """
    path, what, at = task_file.path, task_file.what, task_file.at
    if path is None:
        return
    if path.is_absolute():
        message = f"{what} `{task_file.written}` begins with `/`, but it is looked for in the repository"
        remedy = (
            f"add `source: WORKSPACE` if it is in the workspace, or write its path from {task_file.origin}"
        )
        yield document.finding("notebook-outside", at, f"{message} ({remedy})")
        return
    if ".." in path.parts:
        message = f"{what} `{task_file.written}` may not leave its folder by `..`"
        from_root = ", or write its path from the root of the repository with `source: GIT`"
        remedy = f"move it there{from_root if task_file.block else ''}"
        yield document.finding("notebook-outside", at, f"{message} ({remedy})")
        return
    if task_file.is_notebook and path.suffix in NOTEBOOK_SUFFIXES and files.kind(str(path)):
        message = f"notebook `{path.name}` is named with its suffix (write `{path.stem}`)"
        yield document.finding("notebook-with-suffix", at, message)
        return
    kinds = {file: kind for file in task_file.candidates if (kind := files.kind(file))}
    if not kinds:
        remedy = "add it as a .py file" if task_file.is_notebook else "add it"
        message = f"{what} `{path}` does not exist ({remedy}, or correct the name)"
        yield document.finding("notebook-missing", at, message)
    elif all(files.leaves(file) for file in kinds):
        message = f"{what} `{path}` is a link out of the repository (replace it with the file)"
        yield document.finding("link-outside", at, message)
    elif any((kind == FOLDER) != task_file.is_folder for kind in kinds.values()):
        right = "folder" if task_file.is_folder else "file"
        yield document.finding("notebook-missing", at, f"{what} `{path}` is not a {right} (correct the name)")
    elif task_file.is_folder:
        needed = _OF_FOLDERS[task_file.field]
        if not any(files.kind(f"{path}/{name}") for name in needed):
            message = f"{what} `{path}` has no {needed[0]}, which dbt looks for there"
            yield document.finding("notebook-missing", at, f"{message} (add it, or correct the name)")
    else:
        there = [file for file, kind in kinds.items() if kind == FILE]
        yield from _check_header(task_file, there, document, files)


def _check_header(
    task_file: TaskFile, there: Sequence[str], document: Document, files: Files
) -> Iterator[Finding]:
    """Reports a notebook in place of a file, and a file in place of a notebook.

    An empty file is accepted for both: it is still to be written.
    """
    contents = {file: files.beginning(file) for file in there}
    written = [file for file, content in contents.items() if content]
    notebooks = [file for file in written if language_of(suffix_of(file), contents[file])]
    name, path = task_file.written.rpartition("/")[2], task_file.path
    if task_file.is_notebook and written and not notebooks:
        suffix = suffix_of(written[0])
        message = f"`{path}{suffix}` is not a notebook: its first line is not `{header(suffix)}`"
        remedy = f"add this line, or run it as a file: {_AS_FILE.get(suffix, 'spark_python_task')}"
        yield document.finding("file-as-notebook", task_file.at, f"{message} ({remedy})")
    elif notebooks and not task_file.is_notebook and not task_file.is_folder and task_file.block:
        message = f"{task_file.what} `{path}` is a notebook, which has no suffix in the workspace"
        by = f"`notebook_task: {{notebook_path: {PurePosixPath(name).stem}}}`"
        remedy = f"remove its first line, or run it by {by}"
        yield document.finding("notebook-as-file", task_file.at, f"{message} ({remedy})")
