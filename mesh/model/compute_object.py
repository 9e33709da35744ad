"""What clusters, their policies, instance pools and SQL warehouses have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mesh.documents.passthrough import PassThrough
from mesh.model.permission import Permission, PermissionFile

Kind = Literal["cluster_policy", "instance_pool", "cluster", "sql_warehouse"]

# Databricks documentation: names of policies, pools and warehouses have less than 100 characters
MAX_NAME = 99


class ComputeObjectFile(PassThrough):
    """An object as compute.yml declares it, under its name."""

    permissions: tuple[PermissionFile, ...] = ()
    """Who may do what with it."""


@dataclass(frozen=True)
class ComputeObject:
    """An object as it is made.

    Args:
        id: its Terraform name.
        name: its name in the workspace.
        arguments: what Terraform gets besides, with a Lookup for each id that only the workspace knows.
        permissions: one per principal.
        origin: where it is declared, as `file:line`.
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
        kind: what it is the id of.
        made: the Terraform name of what it is the id of, where the same stack makes that.
        arguments: what else finds it: its name, or what a node type has to offer.
    """

    kind: Kind | Literal["node_type", "job", "pipeline"]
    made: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        what = self.kind.replace("_", " ")
        if name := self.arguments.get("name"):
            return f"id of {what} {name}"
        wanted = ", ".join(f"{key} {value}" for key, value in self.arguments.items())
        return f"smallest {what} with {wanted}" if wanted else f"smallest {what}"
