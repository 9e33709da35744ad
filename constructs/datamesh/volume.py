"""A Unity Catalog volume."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_databricks.volume import Volume as VolumeResource
from constructs import Construct

from datamesh.schema import Schema
from mesh import volume as model


class Volume(Construct):
    """A managed volume."""

    def __init__(self, scope: Construct, volume: model.Volume, schema: Schema) -> None:
        super().__init__(scope, f"Volume {volume.name}")
        self.resource = VolumeResource(
            self,
            "Resource",
            catalog_name=volume.catalog,
            schema_name=schema.resource.name,
            name=volume.name,
            volume_type="MANAGED",
            comment=volume.comment,
            owner=volume.owner,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if volume.protected else None,
        )
        self.resource.override_logical_id(volume.id)
