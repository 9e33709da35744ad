"""A Unity Catalog schema that a flow fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesh.grant import Grant

# What a schema in Unity Catalog says of whose deployment it belongs to: the state key.
DEPLOYMENT_PROPERTY = "datamesh.deployment"


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
        properties: says whose deployment it belongs to.
        grants: merged, one per principal.
        protected: whether Terraform refuses to destroy it; where not, it goes with its tables.
    """

    id: str
    db: str
    name: str
    catalog: str
    comment: str | None
    owner: str | None
    properties: Mapping[str, str]
    grants: tuple[Grant, ...]
    protected: bool

    @property
    def full_name(self) -> str:
        """Catalog and schema, as the Unity Catalog API takes them."""
        return f"{self.catalog}.{self.name}"
