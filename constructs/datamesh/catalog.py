"""A Unity Catalog catalog."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_databricks.catalog import Catalog as CatalogResource
from constructs import Construct

from datamesh.grants import Grants
from mesh import catalog as model


class Catalog(Construct):
    """A catalog and who may do what in it."""

    def __init__(self, scope: Construct, catalog: model.Catalog) -> None:
        super().__init__(scope, catalog.name)
        self.resource = CatalogResource(
            self,
            "Resource",
            name=catalog.name,
            comment=catalog.comment,
            owner=catalog.owner,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if catalog.protected else None,
        )
        self.resource.override_logical_id(catalog.id)
        self.grants = Grants(self, catalog.id, catalog.grants, catalog=self.resource.name)
