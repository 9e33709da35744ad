"""The objects of a foundation that deployments use: they must exist before the deployments are applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from mesh.deployment.deployment import Deployment
from mesh.deployment.foundation import Foundation
from mesh.deployment.stack_order import FoundationStack
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.documents.canonical_form import principal_key
from mesh.model.compute_object import ComputeKind, Lookup
from mesh.model.grant import Grant
from mesh.model.permission import PRINCIPAL_KINDS, Permission
from mesh.model.schema import InSchema, Schema

# By kind of compute: the type of the Terraform resource
_TYPES: Mapping[ComputeKind, str] = {
    "cluster_policy": "databricks_cluster_policy",
    "instance_pool": "databricks_instance_pool",
    "cluster": "databricks_cluster",
    "sql_warehouse": "databricks_sql_endpoint",
}


@dataclass(frozen=True, order=True)
class UsedObject:
    """An object of a foundation that a deployment uses.

    Args:
        type: the type of its Terraform resource, such as `databricks_catalog`.
        name: its name in Databricks; the e-mail of a user, the application id of a service principal.
    """

    type: str
    name: str


def needed(foundation: FoundationStack, deployments: Iterable[Deployment]) -> tuple[UsedObject, ...]:
    """Returns the objects of a foundation that deployments use, by type and name.

    Args:
        foundation: the foundation.
        deployments: deployments in the same environment; deployments on other foundations are ignored.
    """
    users = [one for one in deployments if foundation.stack in one.foundations]
    if isinstance(foundation, Foundation):
        return tuple(sorted(_of_metastore(foundation, users)))
    return tuple(sorted(_of_workspace(foundation, users)))


def _of_metastore(foundation: Foundation, users: Sequence[Deployment]) -> Iterator[UsedObject]:
    flows = [flow for user in users for flow in user.flows]
    catalogs = {flow.catalog for flow in flows if flow.schema_names}
    yield from (
        UsedObject("databricks_catalog", one.name) for one in foundation.catalogs if one.name in catalogs
    )
    places = [volume.storage_location for user in users for volume in user.volumes]
    places += [schema.storage_root for user in users for schema in user.schemas]
    for location in foundation.external_locations:
        below = location.url.rstrip("/") + "/"
        if any(f"{place}/".startswith(below) for place in places if place):
            yield UsedObject("databricks_external_location", location.name)


def _of_workspace(foundation: WorkspaceFoundation, users: Sequence[Deployment]) -> Iterator[UsedObject]:
    parts = [part for user in users for part in _parts(user)]
    # an object of the stack has a logical id
    lookups = {
        (part.kind, part.arguments.get("name"))
        for part in parts
        if isinstance(part, Lookup) and part.logical_id is None
    }
    for kind, compute in foundation.compute.objects:
        if (kind, compute.name) in lookups:
            yield UsedObject(_TYPES[kind], compute.name)
    principals = {principal_key(name) for part in parts for name in _principals(part)}
    created = [("databricks_group", one.name, one.name) for one in foundation.groups]
    created += [("databricks_user", one.email, one.email) for one in foundation.users]
    created += [
        ("databricks_service_principal", one.application_id or one.display_name, one.display_name)
        for one in foundation.service_principals
    ]
    for type, name, in_files in created:
        if principals & {principal_key(name), principal_key(in_files)}:
            yield UsedObject(type, name)


def _parts(value: object) -> Iterator[object]:
    """Yields a value of the model and everything in it, at any depth."""
    yield value
    inner: Iterable[object] = ()
    if isinstance(value, Mapping):
        inner = value.values()
    elif isinstance(value, list | tuple):
        inner = value
    elif is_dataclass(value) and not isinstance(value, type):
        inner = (getattr(value, field.name) for field in fields(value))
    for one in inner:
        yield from _parts(one)


def _principals(part: object) -> Iterator[str]:
    """Yields the principals that a part of a deployment names; for example `run_as` of a job."""
    named: list[object] = []
    if isinstance(part, Permission | Grant):
        named = [part.principal]
    elif isinstance(part, Schema | InSchema):
        named = [part.owner]
    elif isinstance(part, Mapping):
        named = [part.get(kind) for kind in PRINCIPAL_KINDS]
    yield from (name for name in named if isinstance(name, str))
