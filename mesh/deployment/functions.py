"""The functions of a project: those that files create, and those with grants of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.deployment.scope import Scope
from mesh.model.access import Access
from mesh.model.catalog_function import CatalogFunction
from mesh.model.flow_table import default_schema
from mesh.model.grant import merged
from mesh.model.naming import identifier, stored_name
from mesh.model.schema import Schema


def catalog_functions(scope: Scope, created: Mapping[str, Schema]) -> Iterator[CatalogFunction]:
    """Yields the functions of a project, ordered by flow, schema and name.

    Args:
        scope: the project, its environment and identity.
        created: its schemas by their names in the flows.
    """
    access = Access(scope.org)
    for flow in scope.project.flows:
        files = {(one.schema, one.name): one.file for one in flow.functions}
        declared = {
            (one.schema_ or default_schema(flow) or "", stored_name(name)): name
            for name, one in flow.declared.functions.items()
        }
        for db, name in sorted({*files, *declared}):
            if (schema := created.get(db)) is None:
                continue  # a finding
            given, suffix = declared.get((db, name)), f"_function_{identifier(name)}"
            yield CatalogFunction(
                id=f"{schema.id}{suffix}",
                schema=schema.id,
                full_name=f"{schema.full_name}.{name}",
                declared=given,
                file=files.get((db, name)),
                flow=flow.path,
                grants=merged(access.function(flow, given)) if given else (),
                formerly=tuple(f"{former}{suffix}" for former in schema.formerly),
            )
