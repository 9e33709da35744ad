"""What hangs on a table that a job creates."""

from __future__ import annotations

from datamesh.bindings import Construct, databricks
from datamesh.grants import Grants
from datamesh.schema import Schema
from mesh.model import table as model
from mesh.model.naming import identifier


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
        self._schema = schema
        self.grants = Grants(self, table.id, table.grants, table=table.full_name)
        if resource := getattr(self.grants, "resource", None):
            resource.depends_on = [f"databricks_schema.{table.schema}"]
        for key, value in table.tags.items():
            self._tag("tables", table.full_name, key, value, table.id)
        for column, tags in table.column_tags.items():
            for key, value in tags.items():
                name, id = f"{table.full_name}.{column}", f"{table.id}_column_{identifier(column)}"
                self._tag("columns", name, key, value, id)

    def _tag(self, entity: str, name: str, key: str, value: str, id: str) -> None:
        tag = databricks.entity_tag_assignment.EntityTagAssignment(
            self,
            f"Tag {name} {key}",
            entity_type=entity,
            entity_name=name,
            tag_key=key,
            tag_value=value or None,  # Unity Catalog leaves out an empty value
            depends_on=[self._schema.resource],
        )
        tag.override_logical_id(f"{id}_tag_{identifier(key)}")
