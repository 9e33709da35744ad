"""A Unity Catalog volume."""

from __future__ import annotations

from datamesh.bindings import Construct, databricks
from datamesh.grants import Grants
from datamesh.protection import lifecycle
from datamesh.schema import Schema
from mesh.model import volume as model


class Volume(Construct):
    """A volume and its grants; managers of its schema manage it too."""

    def __init__(self, scope: Construct, volume: model.Volume, schema: Schema) -> None:
        super().__init__(scope, f"Volume {volume.name}")
        self.resource = databricks.volume.Volume(
            self,
            "Resource",
            catalog_name=volume.catalog,
            schema_name=schema.resource.name,
            name=volume.name,
            volume_type="EXTERNAL" if volume.storage_location else "MANAGED",
            storage_location=volume.storage_location,
            comment=volume.comment,
            owner=volume.owner,
            lifecycle=lifecycle(protected=volume.protected),
        )
        self.resource.override_logical_id(volume.id)
        self.grants = Grants(self, volume.id, volume.grants, volume=self.resource.id)
