"""A registered model in Unity Catalog."""

from __future__ import annotations

from datamesh.bindings import Construct, databricks
from datamesh.grants import Grants
from datamesh.protection import lifecycle
from datamesh.schema import Schema
from mesh.model import registered_model as model


class RegisteredModel(Construct):
    """A registered model and its grants; managers of its schema manage it too."""

    def __init__(self, scope: Construct, registered: model.RegisteredModel, schema: Schema) -> None:
        super().__init__(scope, f"RegisteredModel {registered.name}")
        self.resource = databricks.registered_model.RegisteredModel(
            self,
            "Resource",
            catalog_name=registered.catalog,
            schema_name=schema.resource.name,
            name=registered.name,
            comment=registered.comment,
            owner=registered.owner,
            lifecycle=lifecycle(protected=registered.protected),
        )
        self.resource.override_logical_id(registered.id)
        self.grants = Grants(self, registered.id, registered.grants, model=self.resource.id)
