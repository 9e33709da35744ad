"""Evidence that a folder of the mesh was renamed: git's rename detection, and equal tasks and files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from mesh.git.renames import FileRenames
from mesh.terraform.plan import PlannedChange

RUNS = ("databricks_job", "databricks_pipeline")
_UPLOADS = ("databricks_notebook", "databricks_workspace_file")
_LEAST_ALIKE = 50  # percent; git uses the same limit for a file
_MOST_NAMED = 5
# The fields of tasks and pipelines that name a file of the flow.
# Source: Databricks documentation, "Create a new job" and "Create a pipeline" of the REST API
_FILE_FIELDS = {"notebook_path", "python_file", "path", "project_directory", "include"}
# Databricks documentation, "Create a new job": the characters of a task key
_TASK_KEY = re.compile(r"[\w-]+")
# a path relative to the mesh's root
_IN_PROJECT = re.compile(r"((?:orgs/[^/]+/)?domains/[^/]+/projects/[^/]+)/.")

Tasks = frozenset[tuple[str, tuple[str, ...]]]  # keys with the names of their files; "" for a pipeline


@dataclass(frozen=True)
class Folder:
    """A folder of a flow or project that a plan removes or adds.

    Args:
        path: its path, relative to the mesh's root.
        tasks: the tasks of its jobs and pipelines.
        contents: the names and contents of the files of its tasks; empty if the plan lacks one of them.
    """

    path: str
    tasks: Tasks = frozenset()
    contents: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def planned(cls, path: str, runs: Iterable[PlannedChange], changes: Iterable[PlannedChange]) -> Folder:
        """A folder with its tasks and their files in a plan.

        Args:
            path: its path, relative to the mesh's root.
            runs: the changes of its jobs and pipelines; others are left out.
            changes: all changes of the plan.
        """
        runs = [run for run in runs if run.type in RUNS]
        return cls(path, tasks_in(runs), _contents(runs, changes))

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of the files of its tasks."""
        return frozenset(name for _, names in self.tasks for name in names)


@dataclass(frozen=True)
class RenameEvidence:
    """The evidence that a folder was renamed.

    Args:
        former: the former folder.
        path: the new folder.
        alike: how much of the former folder git finds in the new folder, in percent; 0 if it finds no rename.
        tasks: the keys of the tasks, for messages; empty unless `same_tasks` is True.
        same_tasks: True if all tasks and their files have the same names; without a rename in git, the files
            have the same contents, too.
    """

    former: str
    path: str
    alike: int = 0
    tasks: tuple[str, ...] = ()
    same_tasks: bool = False

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of evidence."""
        kinds = {"git": bool(self.alike), "tasks": self.same_tasks}
        return frozenset(name for name, found in kinds.items() if found)

    def __str__(self) -> str:
        old, new = _distinct(self.former, self.path)
        if not self.alike:
            return f"{new} has the same {self._tasks} as {old}"
        same = ", with the same tasks" if self.same_tasks else ""
        return f"git sees {old}/… renamed to {new}/… ({self.alike} % alike{same})"

    @property
    def _tasks(self) -> str:
        names = [f"`{task}`" for task in self.tasks[:_MOST_NAMED]]
        if rest := len(self.tasks) - len(names):
            names.append(f"{rest} more")
        if not names:
            return "pipeline files"
        *first, last = names
        listed = f"{', '.join(first)} and {last}" if first else last
        return f"task{'s'[: len(self.tasks) > 1]} {listed}"


def _distinct(one: str, other: str) -> tuple[str, str]:
    """Two paths from the first folder on that differs, but with at least their last two folders."""
    first, second = one.split("/"), other.split("/")
    shared = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
    start = max(0, min(shared, len(first) - 2, len(second) - 2))
    return "/".join(first[start:]), "/".join(second[start:])


def find_renames(
    removed: Sequence[Folder], added: Sequence[Folder], files: FileRenames
) -> dict[str, RenameEvidence]:
    """The renames with unambiguous evidence, by the former folder.

    If several pairs contain the same folder, the only pair with both kinds of evidence (git and equal tasks)
    is returned; without such a pair, none is returned. So no folder is in two returned pairs.

    Args:
        removed: the removed folders.
        added: the added folders.
        files: the renames of files since the removed folders were deployed.
    """
    rivals: dict[str, list[RenameEvidence]] = {}
    pairs = [*_pairs(removed, added, files)]
    for pair in pairs:
        for end in (pair.former, pair.path):
            rivals.setdefault(end, []).append(pair)
    return {
        pair.former: pair
        for pair in pairs
        if all(
            other is pair or other.kinds < pair.kinds
            for end in (pair.former, pair.path)
            for other in rivals[end]
        )
    }


def find_project_renames(files: FileRenames) -> dict[str, RenameEvidence]:
    """The renames of projects that git detects, by the former folder."""
    return find_renames(_projects_of(files.removed), _projects_of(files.added), files)


def _projects_of(paths: Iterable[str]) -> list[Folder]:
    found = (_IN_PROJECT.match(path) for path in paths)
    return [Folder(path) for path in sorted({one[1] for one in found if one})]


def _pairs(
    removed: Sequence[Folder], added: Sequence[Folder], files: FileRenames
) -> Iterator[RenameEvidence]:
    """All pairs with evidence, ambiguous ones included."""
    new_paths = {new.path for new in added}
    for old in removed:
        alike = {path: how for path, how in files.alike(old.path, new_paths).items() if how >= _LEAST_ALIKE}
        code = files.alike(old.path, alike, _is_code)
        alike = {path: how for path, how in alike.items() if code.get(path, 0) >= _LEAST_ALIKE}
        keys = tuple(sorted(key for key, _ in old.tasks if key))
        for new in added:
            same = bool(old.tasks) and old.tasks == new.tasks
            # many flows have a task `main` or `load`: names alone say nothing of the data
            if new.path in alike or (same and _same_files(old, new, files)):
                yield RenameEvidence(old.path, new.path, alike.get(new.path, 0), keys if same else (), same)


def _same_files(old: Folder, new: Folder, files: FileRenames) -> bool:
    """True if the files of the tasks have the same contents in the plan, or if git sees them renamed."""
    if old.contents and old.contents == new.contents:
        return True
    found = files.alike(old.path, (new.path,), lambda path: bool({path.name, path.stem} & old.files))
    return found.get(new.path, 0) >= _LEAST_ALIKE


def _is_code(path: PurePosixPath) -> bool:
    """False for files that declare a flow: many of them are equal."""
    return path.name != "deployment.yml"


def tasks_in(changes: Iterable[PlannedChange]) -> Tasks:
    """The tasks of the jobs and pipelines among the changes of a plan."""
    runs = (change for change in changes if change.type in RUNS)
    return frozenset(task for run in runs for task in tasks_of(run.before or run.after))


def tasks_of(attributes: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The tasks of a job or pipeline in a plan, with the names of their files."""
    tasks = attributes.get("task")
    for task in tasks if isinstance(tasks, list) else ():
        if isinstance(task, Mapping) and _TASK_KEY.fullmatch(key := str(task.get("task_key"))):
            yield key, _names(task)
    if names := _names({"library": attributes.get("library")}):
        yield "", names


def _names(value: object) -> tuple[str, ...]:
    return tuple(sorted({path.rstrip("/").rpartition("/")[2] for path in file_paths(value)}))


def _contents(runs: Iterable[PlannedChange], changes: Iterable[PlannedChange]) -> frozenset[tuple[str, str]]:
    """The names and contents of the files that runs name; empty if the plan does not upload all of them."""
    uploads = [change for change in changes if change.type in _UPLOADS]
    before = {_path(one.before): one.before.get("content_base64") for one in uploads}
    after = {_path(one.after): one.after.get("content_base64") for one in uploads}
    found: set[tuple[str, str]] = set()
    for run in runs:
        held = before if run.before else after
        for path in file_paths(run.before or run.after):
            if not (content := held.get(_path({"path": path}))):
                return frozenset()
            found.add((path.rpartition("/")[2], str(content)))
    return frozenset(found)


def _path(attributes: Mapping[str, Any]) -> str:
    """A path of the workspace, with or without its prefix `/Workspace`."""
    return str(attributes.get("path")).removeprefix("/Workspace")


def file_paths(value: object) -> Iterator[str]:
    """The paths of files in the attributes of a job or pipeline."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in _FILE_FIELDS and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from file_paths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from file_paths(inner)


def deployed_commit(changes: Iterable[PlannedChange]) -> str | None:
    """The commit that was deployed last, from the tags of a plan's jobs and pipelines; None if unknown.

    The tags of destroyed jobs and pipelines are read first, because the others may have been deployed later.
    """
    runs = (change for change in changes if change.type in RUNS)
    for change in sorted(runs, key=lambda one: not one.destroys):
        tags = change.before.get("tags")
        commit = tags.get("git_commit") if isinstance(tags, Mapping) else None
        if isinstance(commit, str):
            return commit
    return None
