"""The jobs and pipelines of one deployment.yml: one, or several in `jobs` and `pipelines`.

Fields beside `jobs` apply to each job, merged by the rules of overrides. Fields beside `pipelines`
apply to each pipeline; if the file also has a job, jobs and pipelines share only the fields of the
flow, such as tags. A job may declare the fields of a single task directly, as in Databricks' first Jobs
API and in older brickops files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mesh.documents.document import Document
from mesh.documents.override import Merger
from mesh.finding import Finding
from mesh.model.flow_file import FlowFile
from mesh.model.job import OF_TASKS, task_kinds
from mesh.model.pipeline import SOURCES
from mesh.model.task import COMPUTE, KEY

JOBS = "jobs"
PIPELINES = "pipelines"
LISTS = (JOBS, PIPELINES)
NAME = "name"
# Fields that belong to the flow, not to one job or pipeline
_OF_FLOW = (
    *("owner", "grants", "schemas", "tables", "policies", "renamed_from"),
    *("reads", "provides", "consumers", "experiment", *LISTS),
)


def single_task_fields() -> frozenset[str]:
    """Returns the task fields that a job without `tasks` may declare directly."""
    return frozenset((*task_kinds(), *COMPUTE, *OF_TASKS))


def has_job(document: Document) -> bool:
    """True if the file declares at least one job."""
    fields = {*task_kinds(), "tasks", JOBS}
    return any(document.data.get(name) is not None for name in fields)


def is_pipeline(document: Document) -> bool:
    """True if the fields outside of lists declare a pipeline."""
    pipeline_fields = (*SOURCES, PIPELINES)
    return not has_job(document) and any(document.data.get(name) is not None for name in pipeline_fields)


def without_lists(document: Document) -> Document:
    """Returns the document without `jobs` and `pipelines`."""
    return _only(document, [name for name in document.data if name not in LISTS])


def listed(document: Document, field: str) -> dict[str, Document]:
    """Returns one merged document per list entry, by name; `check_lists` reports invalid entries.

    Args:
        document: the file.
        field: `jobs` or `pipelines`.
    """
    base = without_lists(document)
    if field == PIPELINES and has_job(document):
        base = _only(document, [name for name in FlowFile.model_fields if name in document.data])
    documents: dict[str, Document] = {}
    for index, entry in enumerate(_entries(document, field)):
        if isinstance(entry, Mapping) and isinstance(entry.get(NAME), str):
            merger = Merger(document)
            own = {key: value for key, value in entry.items() if key not in LISTS}
            data = merger.merge(base.data, (), own, (field, index), ())
            merger.keep_position((field, index), ())
            documents.setdefault(entry[NAME], Document(document.file, data, merger.marks, merger.keys))
    return documents


def with_tasks(document: Document, key: str) -> Document:
    """Returns the document with the job's own task fields moved into a task.

    Args:
        document: the document of one job.
        key: the task's key.
    """
    task_fields = [name for name in document.data if name in single_task_fields()]
    if not task_fields or "tasks" in document.data or not {*task_fields} & {*task_kinds(), *COMPUTE}:
        return document
    merger = Merger(document)
    task: dict[str, Any] = {"task_key": key}
    data: dict[str, Any] = {}
    merger.copy(None, (), ())
    for name, value in document.data.items():
        if name in task_fields:
            task[name] = merger.copy(value, (name,), ("tasks", 0, name))
        else:
            data[name] = merger.copy(value, (name,), (name,))
    return Document(document.file, data | {"tasks": [task]}, merger.marks, merger.keys)


def check_lists(document: Document) -> Iterator[Finding]:
    """Checks `jobs` and `pipelines`, apart from the fields of each entry."""
    seen: dict[str, str] = {}
    for field in LISTS:
        yield from _check_list(document, field, seen)


def _check_list(document: Document, field: str, seen: dict[str, str]) -> Iterator[Finding]:
    declared, one = document.data.get(field), field.removesuffix("s")
    if declared is not None and not isinstance(declared, list):
        message = f"`{field}` should be a list of {field}, each with its name"
        yield document.finding("wrong-type", (field,), message)
    if declared == []:
        yield document.finding("empty-list", (field,), f"`{field}` is empty (add at least one)")
    for index, entry in enumerate(_entries(document, field)):
        at = (field, index)
        if not isinstance(entry, Mapping):
            yield document.finding("wrong-type", at, f"a {one} should be a mapping of fields to values")
            continue
        name = entry.get(NAME)
        if not isinstance(name, str):
            remedy = f"add it: the {one} name is appended to the name of the flow"
            yield document.finding("missing-field", at, f"`name` is missing in {field} ({remedy})")
        elif not re.fullmatch(KEY, name):
            message = f"`name` is `{name[:60]}`: should be letters, digits, `_` and `-`, 100 at most"
            yield document.finding("wrong-type", (*at, NAME), message)
        elif name in seen:
            where = f"twice in {field}" if seen[name] == field else f"in {field} and in {seen[name]}"
            message = f"`{name}` is declared {where} (rename one)"
            yield document.finding("key-twice", (*at, NAME), message)
        else:
            seen[name] = field
        for of_flow in _OF_FLOW:
            if of_flow in entry:
                message = (
                    f"`{of_flow}` is a field of the flow, not of a {one} (declare it outside of `{field}`)"
                )
                yield document.finding("not-by-entry", (*at, of_flow), message, at_key=True)


def _only(document: Document, names: list[str]) -> Document:
    kept = {name: document.data[name] for name in names}
    return Document(document.file, kept, document.marks, document.keys)


def _entries(document: Document, field: str) -> list[Any]:
    declared = document.data.get(field)
    return declared if isinstance(declared, list) else []
