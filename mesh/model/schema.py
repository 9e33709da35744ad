"""A Unity Catalog schema that a flow fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mesh.documents.checked_model import CheckedModel
from mesh.model.grant import Grant, GrantFile
from mesh.model.storage import Url

# What a catalog or schema in Unity Catalog says of whose deployment it belongs to: the state key.
DEPLOYMENT_PROPERTY = "datamesh.deployment"


class SchemaFile(CheckedModel):
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


class InSchemaFile(CheckedModel):
    """What project.yml says of anything that lies in a schema."""

    schema_: Annotated[str, Field(alias="schema")]
    """The schema that it lies in, by the name that a flow gives it."""

    comment: str | None = None
    """What it is."""

    owner: str | None = None
    """The group that owns it; by default the schema's."""

    grants: tuple[GrantFile, ...] = ()
    """Who may do what with it alone."""


@dataclass(frozen=True)
class InSchema:
    """What lies in a schema, as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in Unity Catalog.
        catalog: the catalog's name.
        schema: the id of its schema in the same deployment.
        schema_name: the name of its schema in Unity Catalog.
        comment: what it is.
        owner: the group that owns it; None leaves it to the one who deploys.
        grants: merged, one per principal.
        protected: whether Terraform refuses to destroy it.
        formerly: Terraform names that it had before, oldest first.
    """

    id: str
    name: str
    catalog: str
    schema: str
    schema_name: str
    comment: str | None
    owner: str | None
    grants: tuple[Grant, ...]
    protected: bool
    formerly: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Catalog, schema and name, as the Unity Catalog API takes them."""
        return f"{self.catalog}.{self.schema_name}.{self.name}"


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
