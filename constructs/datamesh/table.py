"""What hangs on a table that a job creates."""

from __future__ import annotations

from datamesh.bindings import Construct, databricks
from datamesh.grants import Grants
from datamesh.schema import Schema
from mesh.model import table as model


class Table(Construct):
    """The grants and tags of a table; `mesh` leaves them out of a plan until the table exists."""

    def __init__(self, scope: Construct, table: model.Table, schema: Schema) -> None:
        """Creates the grants and tags.

        Args:
            scope: the project's construct.
            table: the table.
            schema: its schema, which is created before, and destroyed after.
        """
        super().__init__(scope, f"Table {table.full_name}")
        self.grants = Grants(self, table.id, table.grants, table=table.full_name)
        tags = [f"databricks_entity_tag_assignment.{table.id}{tag.suffix}" for tag in table.assigned_tags]
        for resource in self.grants.resources:
            # policies find columns by their tags, so nobody is let in before the table has them
            resource.depends_on = [f"databricks_schema.{table.schema}", *tags]
        for tag in table.assigned_tags:
            assigned = databricks.entity_tag_assignment.EntityTagAssignment(
                self,
                f"Tag {tag.entity} {tag.key}",
                entity_type=tag.entity_type,
                entity_name=tag.entity,
                tag_key=tag.key,
                tag_value=tag.value or None,  # Unity Catalog leaves out an empty value
                depends_on=[schema.resource],
            )
            assigned.override_logical_id(f"{table.id}{tag.suffix}")
