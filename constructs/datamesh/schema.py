"""A Unity Catalog schema."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_databricks.schema import Schema as SchemaResource
from constructs import Construct

from datamesh.grants import Grants
from mesh import schema as model


class Schema(Construct):
    """A schema and who may do what in it; an unprotected one is destroyed with its tables."""

    def __init__(self, scope: Construct, schema: model.Schema) -> None:
        super().__init__(scope, f"Schema {schema.db}")
        self.resource = SchemaResource(
            self,
            "Resource",
            catalog_name=schema.catalog,
            name=schema.name,
            comment=schema.comment,
            owner=schema.owner,
            properties=dict(schema.properties),
            force_destroy=not schema.protected,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if schema.protected else None,
        )
        self.resource.override_logical_id(schema.id)
        self.grants = Grants(self, schema.id, schema.grants, schema=self.resource.id)
