"""The access policies of a project: row filters and column masks on its schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.deployment.scope import Scope
from mesh.model.access_policy import AccessPolicy
from mesh.model.flow_table import default_schema
from mesh.model.naming import identifier
from mesh.model.schema import Schema


def access_policies(scope: Scope, created: Mapping[str, Schema]) -> Iterator[AccessPolicy]:
    """Yields the access policies of a project, ordered by flow.

    Args:
        scope: the project, its environment and identity.
        created: its schemas by their names in the flows.
    """
    named = scope.org.principals.databricks_name
    for flow in scope.project.flows:
        for name, declared in flow.declared.policies.items():
            schema = created.get(declared.schema_ or default_schema(flow) or "")
            function = declared.column_mask or declared.row_filter
            if schema is None or function is None:
                continue  # a finding
            suffix = f"_policy_{identifier(name)}"
            own = "." not in function.function_name
            yield AccessPolicy(
                id=f"{schema.id}{suffix}",
                name=name,
                schema=schema.id,
                schema_name=schema.full_name,
                flow=flow.path,
                declared=declared,
                to_principals=tuple(map(named, declared.to_principals)),
                except_principals=tuple(map(named, declared.except_principals)),
                function_name=f"{schema.full_name}.{function.function_name}"
                if own
                else function.function_name,
                position=flow.document.position(("policies", name)),
                formerly=tuple(f"{former}{suffix}" for former in schema.formerly),
            )
