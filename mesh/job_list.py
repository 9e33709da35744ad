"""The jobs of one deployment.yml: one; several, in `jobs`; or one task's fields in the job itself.

What stands beside `jobs` holds for each of them, merged by the rules of overrides. Fields of a task in the
job itself are the form that Databricks' first Jobs API had, and brickops' older files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mesh.document import Document
from mesh.finding import Finding
from mesh.job_shape import OF_TASKS, task_kinds
from mesh.override import Merger
from mesh.task import COMPUTE, KEY

JOBS = "jobs"
NAME = "name"
# What a flow has once, however many jobs it has
_OF_FLOW = ("owner", "grants", "schemas", "renamed_from", "reads", JOBS)


def single_task_fields() -> frozenset[str]:
    """The fields of a task that the job itself may have, where it has no `tasks`."""
    return frozenset((*task_kinds(), *COMPUTE, *OF_TASKS))


def without_jobs(document: Document) -> Document:
    """What holds for all jobs of the file, and for the flow."""
    rest = {name: value for name, value in document.data.items() if name != JOBS}
    return Document(document.file, rest, document.marks, document.keys)


def job_documents(document: Document) -> dict[str, Document]:
    """What the file says of each job in `jobs`, by name; entries that are wrong are told elsewhere.

    Args:
        document: the file.
    """
    base = without_jobs(document).data
    made: dict[str, Document] = {}
    for index, entry in enumerate(_entries(document)):
        if isinstance(entry, Mapping) and isinstance(entry.get(NAME), str):
            merger = Merger(document)
            data = merger.merge(base, (), entry, (JOBS, index), ())
            made.setdefault(entry[NAME], Document(document.file, data, merger.marks, merger.keys))
    return made


def with_tasks(document: Document, key: str) -> Document:
    """The same, with a task's fields in a task of the job.

    Args:
        document: what is said of one job.
        key: the task's key.
    """
    ours = [name for name in document.data if name in single_task_fields()]
    if not ours or "tasks" in document.data or not {*ours} & {*task_kinds(), *COMPUTE}:
        return document
    merger = Merger(document)
    task: dict[str, Any] = {"task_key": key}
    data: dict[str, Any] = {}
    merger.copy(None, (), ())
    for name, value in document.data.items():
        if name in ours:
            task[name] = merger.copy(value, (name,), ("tasks", 0, name))
        else:
            data[name] = merger.copy(value, (name,), (name,))
    return Document(document.file, data | {"tasks": [task]}, merger.marks, merger.keys)


def check_job_list(document: Document) -> Iterator[Finding]:
    """What is wrong with `jobs`, apart from what each job says."""
    declared = document.data.get(JOBS)
    if declared is not None and not isinstance(declared, list):
        yield document.finding("wrong-type", (JOBS,), "`jobs` should be a list of jobs, each with its name")
    if declared == []:
        yield document.finding("empty-list", (JOBS,), "`jobs` is empty (add at least one)")
    seen: set[str] = set()
    for index, entry in enumerate(_entries(document)):
        at = (JOBS, index)
        if not isinstance(entry, Mapping):
            yield document.finding("wrong-type", at, "a job should be a mapping of fields to values")
            continue
        name = entry.get(NAME)
        if not isinstance(name, str):
            message = "`name` is missing in jobs (add it: the job is called like the flow's, and this)"
            yield document.finding("missing-field", at, message)
        elif not re.fullmatch(KEY, name):
            message = f"`name` is `{name[:60]}`: should be letters, digits, `_` and `-`, 100 at most"
            yield document.finding("wrong-type", (*at, NAME), message)
        elif name in seen:
            yield document.finding("key-twice", (*at, NAME), f"`{name}` stands in jobs twice (rename one)")
        else:
            seen.add(name)
        for field in _OF_FLOW:
            if field in entry:
                message = f"`{field}` is of the flow, not of one job (say it outside of `{JOBS}`)"
                yield document.finding("not-by-job", (*at, field), message, at_key=True)


def _entries(document: Document) -> list[Any]:
    declared = document.data.get(JOBS)
    return declared if isinstance(declared, list) else []
