"""A Unity Catalog volume: files beside tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mesh.declared import Declared
from mesh.grant import Grant, GrantFile
from mesh.storage import PathBelow, Url


class VolumeFile(Declared):
    """A volume as project.yml declares it, under its name; without a location it is a managed one."""

    schema_: Annotated[str, Field(alias="schema")]
    """The schema that it lies in, by the name that a flow gives it."""

    comment: str | None = None
    """What it holds."""

    owner: str | None = None
    """The group that owns it; by default the schema's."""

    storage_location: Url | None = None
    """Where an external volume's files are, for example `s3://bucket/path`."""

    external_location: str | None = None
    """The external location of org.yml that an external volume's files are in."""

    path: PathBelow | None = None
    """Where in `external_location`."""

    grants: tuple[GrantFile, ...] = ()
    """Who may do what in it alone."""


@dataclass(frozen=True)
class Volume:
    """A volume as it is deployed.

    Args:
        id: its Terraform name.
        name: its name in Unity Catalog.
        catalog: the catalog's name.
        schema: the id of its schema in the same deployment.
        schema_name: the name of its schema in Unity Catalog.
        comment: what it holds.
        owner: the group that owns it; None leaves it to the one who deploys.
        storage_location: of an external volume; None makes it a managed one.
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
    storage_location: str | None
    grants: tuple[Grant, ...]
    protected: bool
    formerly: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Catalog, schema and volume, as the Unity Catalog API takes them."""
        return f"{self.catalog}.{self.schema_name}.{self.name}"
