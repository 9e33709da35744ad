"""Access policies: row filters and column masks on the schemas of a project, and on catalogs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.deployment.scope import Scope
from mesh.documents.document import Document, Location
from mesh.model.access_policy import AccessPolicy, AccessPolicyFile
from mesh.model.flow_table import default_schema
from mesh.model.naming import identifier
from mesh.model.principal import Principals
from mesh.model.schema import Schema


def access_policies(scope: Scope, created: Mapping[str, Schema]) -> Iterator[AccessPolicy]:
    """Yields the access policies of a project, ordered by flow.

    Args:
        scope: the project, its environment and identity.
        created: its schemas by their names in the flows.
    """
    for flow in scope.project.flows:
        for name, declared in flow.declared.policies.items():
            schema = created.get(declared.schema_ or default_schema(flow) or "")
            function = declared.column_mask or declared.row_filter
            if schema is None or function is None:
                continue  # a finding
            yield _policy(
                name,
                declared,
                scope.org.principals,
                "SCHEMA",
                (schema.full_name, schema.id, schema.formerly),
                _full_name(function.function_name, schema.full_name),
                (flow.document, ("policies", name)),
                flow.path,
            )


def catalog_policies(
    catalog: str,
    id: str,
    declared: Mapping[str, AccessPolicyFile],
    principals: Principals,
    document: Document,
) -> Iterator[AccessPolicy]:
    """Yields the access policies on a catalog.

    Args:
        catalog: its name.
        id: its Terraform name.
        declared: its policies by name.
        principals: the principals that the org lists.
        document: the file that declares it.
    """
    for name, policy in declared.items():
        if (function := policy.column_mask or policy.row_filter) is not None:
            yield _policy(
                name,
                policy,
                principals,
                "CATALOG",
                (catalog, id, ()),
                _full_name(function.function_name, catalog),
                (document, ("catalog", "policies", name)),
            )


def _policy(
    name: str,
    declared: AccessPolicyFile,
    principals: Principals,
    securable_type: str,
    parent: tuple[str, str, tuple[str, ...]],
    function_name: str,
    place: tuple[Document, Location],
    flow: str = "",
) -> AccessPolicy:
    securable, id, formerly = parent
    suffix, (document, at) = f"_policy_{identifier(name)}", place
    return AccessPolicy(
        id=f"{id}{suffix}",
        name=name,
        securable_type=securable_type,
        securable=securable,
        parent=id,
        flow=flow,
        declared=declared,
        to_principals=tuple(map(principals.databricks_name, declared.to_principals)),
        except_principals=tuple(map(principals.databricks_name, declared.except_principals)),
        function_name=function_name,
        position=document.position(at),
        formerly=tuple(f"{former}{suffix}" for former in formerly),
    )


def _full_name(function: str, securable: str) -> str:
    """The full name of a function, whose name lacks what it has in common with a schema or catalog."""
    parts, above = function.split("."), securable.split(".")
    return ".".join([*above[: 3 - len(parts)], *parts])
