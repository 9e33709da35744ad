"""A Unity Catalog volume: files beside tables."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.model.schema import InSchema, InSchemaFile
from mesh.model.storage import PathBelow, Url


class VolumeFile(InSchemaFile):
    """A volume as project.yml declares it, under its name; without a location it is a managed one."""

    storage_location: Url | None = None
    """Where an external volume's files are, for example `s3://bucket/path`."""

    external_location: str | None = None
    """The external location of org.yml that an external volume's files are in."""

    path: PathBelow | None = None
    """Where in `external_location`."""


@dataclass(frozen=True)
class Volume(InSchema):
    """A volume as it is deployed.

    Args:
        storage_location: of an external volume; None makes it a managed one.
    """

    storage_location: str | None = None
