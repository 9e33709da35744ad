"""The tasks that a deployment adds to a job, in their order, and the notebooks that they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mesh.deployment.data_objects import DataNames
from mesh.deployment.description import descriptions
from mesh.deployment.generated_task import GeneratedTask, first_cluster, last_cluster, leaves
from mesh.deployment.object_task import function_tasks, view_tasks
from mesh.deployment.verification import Verification, verifications
from mesh.finding import Finding
from mesh.model.code import WorkspaceCode
from mesh.model.entry import Entry
from mesh.model.project import Project


def generated_tasks(entry: Entry) -> tuple[GeneratedTask, ...]:
    """Returns the tasks that a deployment adds to a job: those before the declared ones, then the others."""
    return (*function_tasks(entry), *(task for step in _steps(entry) for task in step))


def _steps(entry: Entry) -> Iterator[Sequence[GeneratedTask]]:
    """Yields the tasks that run side by side after the declared ones, each group after the group before."""
    yield view_tasks(entry)
    # A verification reads columns, types and rows, and none of what a description sets.
    yield (*verifications(entry), *descriptions(entry))


def with_generated_tasks(
    entry: Entry,
    tasks: Sequence[Mapping[str, Any]],
    uploads: WorkspaceCode,
    names: DataNames,
    read: Mapping[str, DataNames],
) -> list[dict[str, Any]]:
    """Returns the tasks of a job with those that the deployment adds, in the Jobs API.

    Args:
        entry: the job.
        tasks: its declared tasks, in the Jobs API.
        uploads: the files that the deployment uploads.
        names: the names of the flow's data.
        read: the names of the data that the flow reads, by their names in `reads`.
    """
    found, cluster = [dict(one) for one in tasks], last_cluster(tasks)
    first = [
        one.task(uploads.notebook_path(one.notebook), (), first_cluster(tasks), names, read)
        for one in function_tasks(entry)
    ]
    if first:
        awaited = [{"task_key": one["task_key"]} for one in first]
        found = [one if one.get("depends_on") else {**one, "depends_on": awaited} for one in found]
    found += first
    for step in _steps(entry):
        ends = leaves(found)
        paths = [(one, uploads.notebook_path(one.notebook)) for one in step]
        found += [one.task(path, ends, cluster, names, read) for one, path in paths]
    return found


def with_generated_notebooks(code: WorkspaceCode, project: Project, root: Path) -> WorkspaceCode:
    """Returns uploaded files with the notebooks of the tasks that the deployment adds.

    Args:
        code: the files.
        project: the project.
        root: the mesh's root.
    """
    found = (one for flow in project.flows for entry in flow.jobs for one in generated_tasks(entry))
    notebooks = {one.notebook: one for one in found}  # jobs of a flow may share one
    made = (one.file(root, project.folder, code.folder) for one in notebooks.values())
    return replace(code, files=(*code.files, *made))


def check_generated_tasks(entry: Entry) -> Iterator[Finding]:
    """Reports declared tasks that have the key of a task that the deployment adds, and two with one key."""
    taken = {task.key: entry.document.position(task.at) for task in entry.tasks}
    for one in generated_tasks(entry):
        if one.key in taken:
            file, _, line = one.position.rpartition(":")
            here = f"is the task `{one.key}`, which {taken[one.key]} declares, too (rename one, or write"
            if isinstance(one, Verification):
                message = f"its verification {here} `verify: false` in deployment.yml)"
                yield Finding(file, int(line), 1, "verification-twice", message)
            else:
                message = f"a task that the deployment adds {here} `describe: false` in deployment.yml)"
                yield Finding(file, int(line), 1, "description-twice", message)
        taken.setdefault(one.key, one.position)
