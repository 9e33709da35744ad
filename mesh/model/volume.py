"""Unity Catalog volumes."""

from __future__ import annotations

from dataclasses import dataclass

from mesh.model.schema import InSchema, InSchemaFile
from mesh.model.storage import PathBelow, Url


class VolumeFile(InSchemaFile):
    """A volume in project.yml; the key is its name. Without a location, it is a managed volume."""

    storage_location: Url | None = None
    """The storage path of an external volume, for example `s3://bucket/path`."""

    external_location: str | None = None
    """The external location of org.yml that holds an external volume."""

    path: PathBelow | None = None
    """The path below `external_location`."""


@dataclass(frozen=True)
class Volume(InSchema):
    """A volume as it is deployed.

    Args:
        storage_location: the path of an external volume; None for a managed volume.
    """

    storage_location: str | None = None
