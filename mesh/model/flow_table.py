"""The tables of a flow that Terraform adds something to: declared ones, and those that consumers read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesh.finding import Finding, nearest
from mesh.model.catalog_function import FunctionFile
from mesh.model.flow import Flow
from mesh.model.naming import stored_name
from mesh.model.table import TableFile

if TYPE_CHECKING:
    from mesh.model.org import Org


@dataclass(frozen=True)
class FlowTable:
    """A table of a flow, before the naming template.

    Args:
        schema: its schema, by the name that the flow declares.
        name: its name in Unity Catalog.
        declared: its name in deployment.yml; None if only a contract names it.
    """

    schema: str
    name: str
    declared: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The name by which tables are the same."""
        return self.schema, self.name


def flow_tables(flow: Flow, org: Org) -> tuple[FlowTable, ...]:
    """Returns the tables of a flow, ordered by schema and name.

    Args:
        flow: the flow.
        org: its org, whose other flows read contracts.
    """
    found: dict[tuple[str, str], FlowTable] = {}
    for name, declared in flow.declared.tables.items():
        if schema := declared.schema_ or default_schema(flow):
            one = FlowTable(schema, stored_name(name), name)
            found.setdefault(one.key, one)
    for read in org.contract_reads.get(flow.path, ()):
        if read.accepted is not None and read.principals:
            for schema, name in read.tables:
                one = FlowTable(schema, stored_name(name))
                found.setdefault(one.key, one)
    return tuple(one for _, one in sorted(found.items()))


def default_schema(flow: Flow) -> str | None:
    """The schema of a table that names none; None if the flow has several schemas, or none."""
    return flow.schemas[0] if len(flow.schemas) == 1 else None


def check_tables(flow: Flow) -> Iterator[Finding]:
    """Reports tables and functions in schemas that the flow does not have, and names that differ in case."""
    yield from _check_declared(flow, "table", flow.declared.tables)
    yield from _check_declared(flow, "function", flow.declared.functions)


def _check_declared(
    flow: Flow, kind: str, declared: Mapping[str, TableFile] | Mapping[str, FunctionFile]
) -> Iterator[Finding]:
    seen: dict[tuple[str | None, str], str] = {}
    for name, table in declared.items():
        at, schemas = (f"{kind}s", name), ", ".join(flow.schemas) or "none"
        if table.schema_ is None and default_schema(flow) is None:
            message = f"the schema of {kind} `{name}` is not known: the flow has {schemas}"
            yield flow.document.finding("unknown-schema", at, f"{message} (add `schema`)")
        elif table.schema_ is not None and table.schema_ not in flow.schemas:
            near = nearest(table.schema_, flow.schemas, "schemas")
            message = f"schema `{table.schema_[:120]}` is not in `schemas` of the flow ({near})"
            yield flow.document.finding("unknown-schema", (*at, "schema"), message)
        twin = seen.setdefault((table.schema_, stored_name(name)), name)
        if twin != name:
            message = f"{kind} `{name}` equals `{twin}` in Unity Catalog, which ignores case (rename one)"
            yield flow.document.finding("one-name-twice", at, message)
