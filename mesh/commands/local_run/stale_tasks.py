"""The tasks of a flow that a change of files makes outdated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from mesh.commands.local_run.checkout_files import FileChanges
from mesh.commands.local_run.flow_run import SelectedFlow

Stale = dict[str, set[str]]


def all_tasks(selected: SelectedFlow) -> Stale:
    """Returns all tasks of a flow's jobs, by the id of their job; none for a pipeline, which runs whole."""
    flow = selected.flow
    jobs = {job.id: {task["task_key"] for task in job.settings.get("tasks", ())} for job in flow.jobs}
    return jobs or {pipeline.id: set() for pipeline in flow.pipelines}


def stale_tasks(selected: SelectedFlow, changes: FileChanges) -> Stale:
    """Returns the tasks whose file changed, and the tasks that depend on them.

    A changed file that is no task's own may be used by any task: it makes all of them stale, unless it is in
    the folder of another flow.

    Args:
        selected: the flow.
        changes: the files that were put into the workspace.
    """
    paths = {*changes.written, *changes.removed}
    relevant = {path for path in paths if not _is_of_another_flow(path, selected)}
    stale: Stale = {}
    own = {path for job in selected.flow.jobs for task in job.settings["tasks"] for path in task_files(task)}
    for job in selected.flow.jobs:
        tasks = job.settings["tasks"]
        changed = {task["task_key"] for task in tasks if paths & set(task_files(task))}
        if relevant - own:
            changed = {task["task_key"] for task in tasks}
        if changed:
            stale[job.id] = downstream(tasks, changed)
    if not selected.flow.jobs and relevant:
        return all_tasks(selected)
    return stale


def downstream(tasks: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> set[str]:
    """Returns tasks with all tasks that depend on them, directly or not."""
    tasks, found = list(tasks), set(keys)
    for _ in tasks:
        found |= {
            task["task_key"]
            for task in tasks
            if any(each["task_key"] in found for each in task.get("depends_on") or ())
        }
    return found


def task_files(task: Mapping[str, Any]) -> Iterator[str]:
    """Yields the workspace files that a task names, those of the task in a loop included."""
    yield from _paths(task.get("notebook_task"), "notebook_path")
    yield from _paths(task.get("spark_python_task"), "python_file")
    yield from _paths((task.get("sql_task") or {}).get("file"), "path")
    if inner := (task.get("for_each_task") or {}).get("task"):
        yield from task_files(inner)


def _paths(block: Mapping[str, Any] | None, field: str) -> Iterator[str]:
    if path := str((block or {}).get(field) or ""):
        yield path.removeprefix("/Workspace") if path.startswith("/Workspace/") else path


def _is_of_another_flow(path: str, selected: SelectedFlow) -> bool:
    """True if a file of the workspace is below the folder of another flow of the project."""
    uploads = selected.deployment.uploads
    if not uploads:
        return False
    file = PurePosixPath(path)
    folders = {
        flow.path: PurePosixPath(uploads.folder) / PurePosixPath(flow.file).parent
        for flow in selected.deployment.flows
    }
    # a flow may have a part below its folder, which is a flow, too
    owners = [flow for flow, folder in folders.items() if file.is_relative_to(folder)]
    owner = max(owners, key=lambda flow: len(folders[flow].parts), default=selected.flow.path)
    return owner != selected.flow.path
