"""The grants on a function that a job creates."""

from __future__ import annotations

from datamesh.bindings import Construct
from datamesh.grants import Grants
from mesh.model.catalog_function import CatalogFunction


class Function(Construct):
    """The grants on a function; `mesh` leaves them out of a plan until the function exists."""

    def __init__(self, scope: Construct, function: CatalogFunction) -> None:
        """Creates the grants.

        Args:
            scope: the project's construct.
            function: the function.
        """
        super().__init__(scope, f"Function {function.full_name}")
        self.grants = Grants(self, function.id, function.grants, function=function.full_name)
        for resource in self.grants.resources:
            resource.depends_on = [f"databricks_schema.{function.schema}"]
