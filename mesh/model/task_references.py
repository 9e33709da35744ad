"""References such as `{{tasks.a.values.b}}` in the fields of tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest
from mesh.model.task import Task
from mesh.references.dynamic_reference import REFERENCE, in_namespace, is_known, parts, with_namespace


def check_references(task: Task, keys: list[str], document: Document) -> Iterator[Finding]:
    """Reports references that have no value on Databricks.

    Args:
        task: the task.
        keys: the keys of the tasks of its job.
        document: the deployment.yml.
    """
    for at, text in _texts(task.data, task.at):
        for match in REFERENCE.finditer(text):
            name = match[1]
            if not in_namespace(name):
                continue
            if not is_known(name):
                near = nearest(".".join(parts(name)), with_namespace(name), "references")
                message = f"`{{{{{name[:60]}}}}}` is no reference of Databricks ({near})"
                yield document.finding("unknown-reference", at, message)
            elif parts(name)[0] == "tasks" and parts(name)[1] not in keys:
                key = parts(name)[1]
                message = f"`{{{{{name[:60]}}}}}` names task `{key[:60]}`, which is not in this file"
                near = nearest(key, keys, "tasks")
                yield document.finding("unknown-reference", at, f"{message} ({near})")


def _texts(value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    """Yields the texts with references at any depth, except those of the inner task of a loop."""
    if isinstance(value, str):
        if "{{" in value:
            yield at, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if not (name == "task" and at[-1:] == ("for_each_task",)):
                yield from _texts(each, (*at, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, (*at, index))
