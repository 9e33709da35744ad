"""The task of a job that creates the views of its flow."""

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
from mesh.model.view import View

KEY = "create_views"
_SCHEMAS = "view_schemas"


@dataclass(frozen=True)
class ViewTask(GeneratedTask):
    """A task that creates views, after the tasks that fill the tables.

    Args:
        views: the views.
        default: the schema of views that name none, by the name that the flow declares.
    """

    views: tuple[View, ...]
    default: str | None

    verb: ClassVar[str] = "creates"

    @property
    def text(self) -> str:
        """The notebook. The same views give the same text, in all environments."""
        views = [settings(one, self.default) for one in self.views]
        return notebook_text(self.position, _PROGRAMS, "VIEWS", views, _LAST_CELL)

    def base_parameters(self, names: DataNames, read: Mapping[str, DataNames]) -> dict[str, str]:
        """Returns catalog and schema of the views that are not in the flow's only schema."""
        schemas = {one.schema for one in self.views} - {self.default}
        places = {one: (names.catalog, names.schemas[one]) for one in sorted(schemas)}
        return {_SCHEMAS: json.dumps(places)} if places else {}


def settings(view: View, default: str | None) -> dict[str, Any]:
    """Returns a view as JSON.

    Args:
        view: the view.
        default: the schema of views that name none.
    """
    schema = "" if view.schema == default else view.schema
    shown = f"{schema}.{view.name}" if schema else view.name
    return {"schema": schema, "name": view.name, "shown": shown, "query": [*view.pieces]}


def view_tasks(entry: Entry) -> tuple[ViewTask, ...]:
    """Returns the task that creates the views of a job's flow; empty if it has none."""
    flow = entry.flow
    if not flow.views or not is_described_by(entry):
        return ()
    title = f"view {flow.views[0].name}" if len(flow.views) == 1 else f"{len(flow.views)} views"
    position = flow.views[0].position
    return (ViewTask(KEY, title, position, flow.folder / KEY, flow.views, default_schema(flow)),)


def check_view_parameters(flow: Flow, given: Collection[str]) -> Iterator[Finding]:
    """Reports parameters of views that have no value in the environment.

    An environment may override `reads`, and a flow that is read may have no schema.

    Args:
        flow: the flow in the environment.
        given: the parameters of its jobs.
    """
    for view in flow.views:
        for name in dict.fromkeys(one for one in view.parameters if one not in given):
            message = f"`:{name}` has no value here: no flow in `reads` has this location of data"
            remedy = "correct the query, or `reads`"
            yield Finding(view.file, view.line, 1, "view-parameter", f"{message} ({remedy})")


def check_view_names(flows: Iterable[Flow], data: Mapping[str, DataNames]) -> Iterator[Finding]:
    """Reports views of one name that parts of a flow, which share a schema, both have.

    Args:
        flows: the flows of a project.
        data: the names of their data, by the paths of the flows.
    """
    found: dict[tuple[str, str, str], View] = {}
    for flow in flows:
        names = data[flow.path]
        for view in flow.views:
            full = (names.catalog, names.schemas[view.schema], view.name)
            if (twin := found.setdefault(full, view)) is not view:
                message = f"is the view `{view.name}`, as {twin.file} is (rename one)"
                yield Finding(view.file, 1, 1, "one-name-twice", message)


_PROGRAMS = ("table_reader.py", "view_creator.py")
_LAST_CELL = """\
value = dbutils.widgets.get
schemas = {"": (value("catalog"), value("schema"))}
if any(view["schema"] for view in VIEWS):
    schemas |= json.loads(value("view_schemas"))

create(spark.sql, table_reader(dbutils), VIEWS, value, schemas, print)
"""
