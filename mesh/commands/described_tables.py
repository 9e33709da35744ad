"""`mesh contracts --tables`: tables, views and functions compared with what is declared about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import quote

from mesh.deployment.data_objects import DataNames
from mesh.deployment.description import is_described_by
from mesh.deployment.object_creator import is_defined, is_marked, rendered
from mesh.deployment.table_describer import OF_PIPELINES, description, foreign_keys
from mesh.deployment.table_owner_setter import is_owned
from mesh.finding import Finding
from mesh.model.flow import Flow
from mesh.model.flow_table import default_schema
from mesh.model.function import Function
from mesh.model.table_description import OWNER, Part, TableDescription, schema_key, table_descriptions
from mesh.model.view import View

Answer = Mapping[str, Any]


class TableReader(Protocol):
    """Reads tables of a workspace."""

    def get(self, path: str, query: Mapping[str, str]) -> Answer | None:
        """The answer to a GET request; None if the object does not exist."""


def read_table(workspace: TableReader, full_name: str, kind: str = "tables") -> Answer | None:
    """Returns a table of Unity Catalog, or one of its `functions`; None if it does not exist."""
    return workspace.get(f"/api/2.1/unity-catalog/{kind}/{quote(full_name, safe='')}", {})


def compare_descriptions(
    flow: Flow,
    schemas: Mapping[str, tuple[str, str]],
    workspace: TableReader,
    owners: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Finding]:
    """Yields warnings for comments, keys and owners that differ from what a flow declares.

    Args:
        flow: the flow.
        schemas: catalog and schema by the schema's key in descriptions: its name in the flow, "" for the
            default one, and those of flows that it reads.
        workspace: the workspace.
        owners: the owners that its job sets here, by their declared names.
    """
    is_set = any(map(is_described_by, flow.jobs))
    for one in table_descriptions(flow):
        settings = one.settings(default_schema(flow))
        full_name = ".".join((*schemas[settings["schema"]], one.name))
        found = read_table(workspace, full_name)
        if found is None:
            if one.is_in_file:
                message = f"table `{full_name}` does not exist (run the flow)"
                yield _finding(one, next(iter(one.places)), message)
            continue
        table = dict(found)
        by_job = is_set and table.get("table_type") not in OF_PIPELINES
        remedy = "run the flow, whose job sets it" if by_job else "let the code that writes the table set it"
        wanted = (*description(settings, table), *foreign_keys(settings, table, dict(schemas), None))
        for kind, name, statements in wanted:
            if statements is not None:
                message = f"{_TITLES[kind].format(name)} of table `{full_name}` is not as declared ({remedy})"
                yield _finding(one, (kind, name), message)
        if (owner := owners.get(one.owner or "")) and not is_owned(table, owner):
            message = f"`{table.get('owner')}` owns table `{full_name}`, and not `{owner}` ({remedy})"
            yield _finding(one, OWNER, message)


def compare_objects(
    flow: Flow, schemas: Mapping[str, tuple[str, str]], workspace: TableReader
) -> Iterator[Finding]:
    """Yields warnings for views and functions that do not exist, or that their file did not create.

    Args:
        flow: the flow.
        schemas: catalog and schema by the schema's key, as for descriptions.
        workspace: the workspace.
    """
    values: dict[str, str] = {}
    for alias in ("", *flow.declared.reads):
        if place := schemas.get(schema_key(alias, "")):
            values |= DataNames(place[0], {"": place[1]}).parameters(f"{alias}_" if alias else "")
    is_set = any(map(is_described_by, flow.jobs))
    remedy = "run the flow, whose job sets it" if is_set else "no job sets it: write `describe: true` in one"
    objects: tuple[View | Function, ...] = (*flow.views, *flow.functions)
    for one in objects:
        full_name = ".".join((*schemas[one.schema], one.name))
        sql = rendered([*one.pieces], values.__getitem__)
        if isinstance(one, View):
            found = read_table(workspace, full_name)
            same = found and is_defined(dict(found), sql)
        else:
            found = read_table(workspace, full_name, "functions")
            same = found and is_marked(dict(found), one.head + sql)
        if not same:
            problem = "does not exist" if found is None else "is not as declared"
            message = f"{one.kind} `{full_name}` {problem} ({remedy})"
            yield Finding(one.file, one.line, 1, "not-as-declared", message).as_warning


def _finding(one: TableDescription, part: Part, message: str) -> Finding:
    document, at = one.places[part]
    return document.finding("not-as-declared", at, message).as_warning


_TITLES = {
    "comment": "the comment",
    "column": "the comment of column `{}`",
    "primary_key": "the primary key",
    "foreign_key": "foreign key `{}`",
}
