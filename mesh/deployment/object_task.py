"""The tasks of a job that create the views and functions of its flow."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mesh.deployment.data_objects import DataNames
from mesh.deployment.description import is_described_by
from mesh.deployment.generated_task import GeneratedTask, notebook_text
from mesh.finding import Finding
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.flow_table import default_schema
from mesh.model.function import Function
from mesh.model.sql_object import SqlObject, twice
from mesh.model.view import View


@dataclass(frozen=True)
class ObjectTask(GeneratedTask):
    """A task that creates views or functions.

    Args:
        objects: the views or functions, all of one kind.
        default: the schema of those that name none, by the name that the flow declares.
    """

    objects: tuple[SqlObject, ...]
    default: str | None

    verb: ClassVar[str] = "creates"

    @property
    def kinds(self) -> str:
        """`views` or `functions`."""
        return f"{self.objects[0].kind}s"

    @property
    def text(self) -> str:
        """The notebook. The same files give the same text, in all environments."""
        objects = [settings(one, self.default) for one in self.objects]
        held, last = self.kinds.upper(), _LAST_CELL
        for name, word in (("OBJECTS", held), ("object_schemas", self._schemas)):
            last = last.replace(name, word)
        return notebook_text(self.position, _PROGRAMS, held, objects, last)

    @property
    def _schemas(self) -> str:
        return f"{self.objects[0].kind}_schemas"

    def base_parameters(self, names: DataNames, read: Mapping[str, DataNames]) -> dict[str, str]:
        """Returns catalog and schema of what is not in the flow's only schema."""
        schemas = {one.schema for one in self.objects} - {self.default}
        places = {one: (names.catalog, names.schemas[one]) for one in sorted(schemas)}
        return {self._schemas: json.dumps(places)} if places else {}


def settings(one: SqlObject, default: str | None) -> dict[str, Any]:
    """Returns a view or function as JSON.

    Args:
        one: the view or function.
        default: the schema of those that name none.
    """
    schema = "" if one.schema == default else one.schema
    shown = f"{schema}.{one.name}" if schema else one.name
    named: dict[str, Any] = {"schema": schema, "name": one.name, "shown": shown}
    if isinstance(one, Function):
        return {**named, "head": one.head, "body": [*one.pieces]}
    return {**named, "query": [*one.pieces]}


def function_tasks(entry: Entry) -> tuple[ObjectTask, ...]:
    """Returns the task that creates the functions of a job's flow; empty if it has none."""
    return _tasks(entry, entry.flow.functions)


def view_tasks(entry: Entry) -> tuple[ObjectTask, ...]:
    """Returns the task that creates the views of a job's flow; empty if it has none."""
    return _tasks(entry, entry.flow.views)


def _tasks(entry: Entry, objects: tuple[SqlObject, ...]) -> tuple[ObjectTask, ...]:
    if not objects or not is_described_by(entry):
        return ()
    flow, first = entry.flow, objects[0]
    title = f"{first.kind} {first.name}" if len(objects) == 1 else f"{len(objects)} {first.kind}s"
    key = f"create_{first.kind}s"
    return (ObjectTask(key, title, first.position, flow.folder / key, objects, default_schema(flow)),)


def check_object_parameters(flow: Flow, given: Collection[str]) -> Iterator[Finding]:
    """Reports parameters of views and functions that have no value in the environment.

    An environment may override `reads`, and a flow that is read may have no schema.

    Args:
        flow: the flow in the environment.
        given: the parameters of its jobs.
    """
    objects: tuple[View | Function, ...] = (*flow.views, *flow.functions)
    for one in objects:
        for name in dict.fromkeys(each for each in one.parameters if each not in given):
            message = f"`:{name}` has no value here: no flow in `reads` has this location of data"
            what = "query" if isinstance(one, View) else "function"
            code = f"{one.kind}-parameter"
            yield Finding(one.file, one.line, 1, code, f"{message} (correct the {what}, or `reads`)")


def check_object_names(flows: Iterable[Flow], data: Mapping[str, DataNames]) -> Iterator[Finding]:
    """Reports views or functions of one name that parts of a flow, which share a schema, both have.

    Args:
        flows: the flows of a project.
        data: the names of their data, by the paths of the flows.
    """
    found: dict[tuple[str, str, str, str], SqlObject] = {}
    for flow in flows:
        names = data[flow.path]
        objects: tuple[SqlObject, ...] = (*flow.views, *flow.functions)
        for one in objects:
            full = (one.kind, names.catalog, names.schemas[one.schema], one.name)
            if (twin := found.setdefault(full, one)) is not one:
                yield twice(one, twin)


_PROGRAMS = ("unity_catalog.py", "object_creator.py")
_LAST_CELL = """\
value = dbutils.widgets.get
schemas = {"": (value("catalog"), value("schema"))}
if any(one["schema"] for one in OBJECTS):
    schemas |= json.loads(value("object_schemas"))

create(spark.sql, unity_catalog(dbutils), OBJECTS, value, schemas, print)
"""
