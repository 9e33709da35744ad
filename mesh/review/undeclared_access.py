"""Access that somebody gave by hand on objects whose grants, permissions or members the state does not hold.

A `databricks_grants` or `databricks_permissions` resource is authoritative, and Terraform's refresh compares
it. Where the mesh declares no grants and no permissions, no resource exists, and only the workspace has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mesh.review.access import AccessChange, role_of, securable_label
from mesh.review.mesh_index import MeshIndex
from mesh.terraform.api_defaults import OBJECT_APIS
from mesh.terraform.live_objects import Held, LiveObject
from mesh.terraform.workspace import RESOURCE_KINDS

# Databricks documentation, "Access control lists": workspace admins manage every object
_ADMINS = "admins"
_OF_CREATORS = {"IS_OWNER", "CAN_MANAGE"}


def undeclared_access(
    stack: str, live: LiveObject, held: Held, index: MeshIndex, deployers: frozenset[str]
) -> list[AccessChange]:
    """The access on one object that somebody gave by hand.

    Args:
        stack: the stack of the object.
        live: the object as the workspace returns it.
        held: the attributes of the state's resources, by address.
        index: the index of the mesh.
        deployers: the users that deploy; Databricks lets the creator of an object manage it.
    """
    attributes = held.get(live.address, {})
    kind = RESOURCE_KINDS.get(live.type)
    label = kind.label if kind else live.type.removeprefix("databricks_").replace("_", " ")
    name = object_name(live.type, attributes)
    make = partial(AccessChange, stack=stack, names=(name,), lost=())
    changes: list[AccessChange] = []
    for principal, privileges in _grants(live, held):
        securable = OBJECT_APIS[live.type].securable
        changes.append(
            make(
                principal=principal,
                called=index.display_name(principal),
                kind=securable_label(securable),
                gained=privileges,
                role=role_of(privileges, securable, index),
            )
        )
    for principal, levels in _permissions(live, deployers):
        called = index.display_name(principal)
        changes.append(make(principal=principal, called=called, kind=label, gained=levels))
    for member in _members(live, attributes, held):
        changes.append(make(principal=member, called=member, kind=label, gained=("MEMBER",)))
    return changes


def object_name(type: str, attributes: Mapping[str, Any]) -> str:
    """The name of an object in the workspace."""
    kind = RESOURCE_KINDS.get(type)
    fields: Sequence[str] = kind.name if kind else ("path",)
    return ".".join(str(attributes.get(field) or "?") for field in fields)


def _grants(live: LiveObject, held: Held) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The privileges of principals that no `databricks_grant` resource lists."""
    securable = OBJECT_APIS[live.type].securable
    id = str(held.get(live.address, {}).get("id"))
    listed = {
        str(one.get("principal"))
        for address, one in held.items()
        if address.startswith("databricks_grant.") and one.get(securable) == id
    }
    yield from ((who, what) for who, what in live.grants.items() if what and who not in listed)


def _permissions(live: LiveObject, deployers: frozenset[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The permission levels of principals besides admins and the creator."""
    for principal, levels in live.permissions.items():
        by_creation = principal in deployers and set(levels) <= _OF_CREATORS
        if principal != _ADMINS and not by_creation:
            yield principal, levels


def _members(live: LiveObject, attributes: Mapping[str, Any], held: Held) -> Iterable[str]:
    """The members of a group that no `databricks_group_member` resource lists."""
    listed = {
        str(one.get("member_id"))
        for address, one in held.items()
        if address.startswith("databricks_group_member.") and one.get("group_id") == attributes.get("id")
    }
    return (name for id, name in live.members.items() if id not in listed)
