"""A Unity Catalog schema that a flow fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from mesh.declared import Declared
from mesh.grant import Grant, GrantFile
from mesh.storage import Url

# What a catalog or schema in Unity Catalog says of whose deployment it belongs to: the state key.
DEPLOYMENT_PROPERTY = "datamesh.deployment"


class SchemaFile(Declared):
    """A schema as deployment.yml declares it, under its own name."""

    comment: str | None = None
    """What it holds; by default the flow's description."""

    owner: str | None = None
    """The group that owns it; by default the flow's."""

    properties: Mapping[str, str] = Field(default_factory=dict)
    """What it says of itself, for people and tools."""

    storage_root: Url | None = None
    """Where its managed tables are kept; by default where the catalog's are."""

    grants: tuple[GrantFile, ...] = ()
    """Who may do what in it alone."""


@dataclass(frozen=True)
class Schema:
    """A schema as it is deployed.

    Args:
        id: its Terraform name.
        db: the name that the flow gives it, before the naming template.
        name: its name in Unity Catalog.
        catalog: the catalog's name.
        comment: what it holds.
        owner: the group that owns it; None leaves it to the one who deploys.
        storage_root: where its managed tables are kept; None leaves it to the catalog.
        properties: its own, and whose deployment it belongs to.
        grants: merged, one per principal.
        protected: whether Terraform refuses to destroy it; where not, it goes with its tables.
        formerly: Terraform names that it had before, oldest first.
    """

    id: str
    db: str
    name: str
    catalog: str
    comment: str | None
    owner: str | None
    storage_root: str | None
    properties: Mapping[str, str]
    grants: tuple[Grant, ...]
    protected: bool
    formerly: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Catalog and schema, as the Unity Catalog API takes them."""
        return f"{self.catalog}.{self.name}"
