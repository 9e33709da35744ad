"""Unity Catalog schemas, and the fields that volumes and models share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mesh.documents.checked_model import CheckedModel
from mesh.model.grant import Grant, GrantFile
from mesh.model.storage import Url

# The property of a catalog or schema that holds the state key of its deployment.
WORKSHOP_PROPERTY = "datamesh.workshop"  # on schemas and catalogs of a workshop: its name
DEPLOYMENT_PROPERTY = "datamesh.deployment"


class SchemaFile(CheckedModel):
    """A schema in deployment.yml, by its own name."""

    comment: str | None = None
    """A description of the content; by default the flow's description."""

    owner: str | None = None
    """The group that owns it; by default the flow's owner."""

    properties: Mapping[str, str] = Field(default_factory=dict)
    """Properties by key, for people and tools."""

    storage_root: Url | None = None
    """The storage of its managed tables; by default the catalog's."""

    grants: tuple[GrantFile, ...] = ()
    """Grants on this schema only."""


class InSchemaFile(CheckedModel):
    """The fields in project.yml that all objects in a schema share."""

    schema_: Annotated[str, Field(alias="schema")]
    """The schema that contains it, by the name that a flow declares."""

    comment: str | None = None
    """A description, as a comment."""

    owner: str | None = None
    """The group that owns it; by default the schema's owner."""

    grants: tuple[GrantFile, ...] = ()
    """Grants on this object only."""


@dataclass(frozen=True)
class InSchema:
    """An object in a schema, as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in Unity Catalog.
        catalog: the catalog's name.
        schema: the id of its schema in the same deployment.
        schema_name: the name of its schema in Unity Catalog.
        comment: a description.
        owner: the group that owns it; None means the deployer.
        grants: merged, one per principal.
        protected: True if Terraform refuses to destroy it.
        formerly: former Terraform names, oldest first.
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
    def declared_name(self) -> str:
        """The object's name as written in project.yml; the object's Terraform name ends with this name."""
        return self.id.removeprefix(f"{self.schema}_")

    @property
    def full_name(self) -> str:
        """Catalog, schema and name, joined by `.`, as in the Unity Catalog API."""
        return f"{self.catalog}.{self.schema_name}.{self.name}"


@dataclass(frozen=True)
class Schema:
    """A schema as it is deployed.

    Args:
        id: its Terraform name.
        db: the name that the flow declares, before the naming template.
        name: its name in Unity Catalog.
        catalog: the catalog's name.
        comment: a description of the content.
        owner: the group that owns it; None means the deployer.
        storage_root: the storage of its managed tables; None means the storage of the catalog.
        properties: the declared properties, and the state key of its deployment.
        grants: merged, one per principal.
        protected: True if Terraform refuses to destroy it; else it is destroyed with its tables.
        formerly: former Terraform names, oldest first.
        domain_tag: the governed tag of its domain in Databricks' own catalogue; None if it is in none.
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
    domain_tag: str | None = None

    @property
    def full_name(self) -> str:
        """Catalog and schema, as the Unity Catalog API takes them."""
        return f"{self.catalog}.{self.name}"
