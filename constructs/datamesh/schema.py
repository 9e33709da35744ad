"""A Unity Catalog schema."""

from __future__ import annotations

from datamesh.bindings import Construct, databricks
from datamesh.grants import Grants
from datamesh.protection import lifecycle
from mesh.model import schema as model


class Schema(Construct):
    """A schema, its grants and the tag of its domain; an unprotected schema is destroyed with its tables."""

    def __init__(self, scope: Construct, schema: model.Schema, keeper: str | None = None) -> None:
        """Creates the schema.

        Args:
            scope: the flow's construct.
            schema: the schema.
            keeper: the principal that may manage it besides its owner.
        """
        super().__init__(scope, f"Schema {schema.db}")
        self.resource = databricks.schema.Schema(
            self,
            "Resource",
            catalog_name=schema.catalog,
            name=schema.name,
            comment=schema.comment,
            owner=schema.owner,
            storage_root=schema.storage_root,
            properties=dict(schema.properties),
            force_destroy=not schema.protected,
            lifecycle=lifecycle(protected=schema.protected),
        )
        self.resource.override_logical_id(schema.id)
        kept = keeper if schema.owner else None
        self.grants = Grants(
            self, schema.id, schema.grants, kept, schema=f"${{databricks_schema.{schema.id}.id}}"
        )
        self.manageable = [self.resource, *(self.grants.resources if schema.owner else ())]
        """What has to be there before the deployer manages it: if a group owns it, its grants, too."""
        if schema.domain_tag:
            tag = databricks.entity_tag_assignment.EntityTagAssignment(
                self,
                "DomainTag",
                entity_type="schemas",
                entity_name=schema.full_name,
                tag_key=schema.domain_tag,
                depends_on=self.manageable,
            )
            tag.override_logical_id(f"{schema.id}_domain")
