"""The common base of clusters, cluster policies, instance pools and SQL warehouses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mesh.documents.passthrough import PassThrough
from mesh.model.permission import Permission, PermissionFile

ComputeKind = Literal["cluster_policy", "instance_pool", "cluster", "sql_warehouse"]

# Databricks documentation: names of policies, pools and warehouses have less than 100 characters
MAX_NAME = 99


class ComputeObjectFile(PassThrough):
    """A compute object in compute.yml; the key is its name."""

    permissions: tuple[PermissionFile, ...] = ()
    """Permissions of principals."""


@dataclass(frozen=True)
class ComputeObject:
    """A compute object as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in the workspace.
        arguments: the other Terraform arguments, with a Lookup for each id that only the workspace knows.
        permissions: merged, one per principal.
        origin: the position of its declaration, as `file:line`.
    """

    id: str
    name: str
    arguments: Mapping[str, Any]
    permissions: tuple[Permission, ...] = ()
    origin: str = ""


@dataclass(frozen=True)
class Lookup:
    """An id that only the workspace knows.

    Args:
        kind: the kind of the object.
        logical_id: the object's Terraform name, if the same stack creates it.
        arguments: the search arguments of an existing object: its name, or the properties of a node type.
    """

    kind: ComputeKind | Literal["node_type", "job", "pipeline"]
    logical_id: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        what = self.kind.replace("_", " ")
        if name := self.arguments.get("name"):
            return f"id of {what} {name}"
        wanted = ", ".join(f"{key} {value}" for key, value in self.arguments.items())
        return f"smallest {what} with {wanted}" if wanted else f"smallest {what}"
