"""The tables of a project that its code creates, with what Terraform adds to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.deployment.scope import Scope
from mesh.model.access import Access
from mesh.model.flow_table import flow_tables
from mesh.model.grant import merged
from mesh.model.naming import identifier
from mesh.model.schema import Schema
from mesh.model.table import Table, TableFile


def tables(scope: Scope, created: Mapping[str, Schema]) -> Iterator[Table]:
    """Yields the tables of a project that have tags or grants of their own, ordered by flow.

    Args:
        scope: the project, its environment and identity.
        created: its schemas by their names in the flows.
    """
    access = Access(scope.org)
    for flow in scope.project.flows:
        for table in flow_tables(flow, scope.org):
            if (schema := created.get(table.schema)) is None:
                continue  # another flow has a schema of that name, which is a finding
            declared = flow.declared.tables.get(table.declared or "", TableFile())
            suffix = f"_table_{identifier(table.name)}"
            one = Table(
                id=f"{schema.id}{suffix}",
                name=table.name,
                schema=schema.id,
                schema_name=schema.full_name,
                declared=table.declared,
                flow=flow.path,
                tags=declared.tags,
                column_tags={name: column.tags for name, column in declared.columns.items() if column.tags},
                grants=merged(access.table(flow, table)),
                formerly=tuple(f"{former}{suffix}" for former in schema.formerly),
            )
            if one.grants or one.tags or one.column_tags:
                yield one
