"""A SQL warehouse."""

from __future__ import annotations

from datamesh.arguments import set_arguments
from datamesh.bindings import Construct, databricks
from datamesh.lookups import Lookups
from datamesh.permissions import Permissions
from mesh.model import sql_warehouse as model


class SqlWarehouse(Construct):
    """A SQL warehouse and its permissions."""

    def __init__(self, scope: Construct, warehouse: model.SqlWarehouse, lookups: Lookups) -> None:
        super().__init__(scope, f"SqlWarehouse {warehouse.id}")
        arguments = lookups.resolve(warehouse.arguments)
        self.resource = databricks.sql_endpoint.SqlEndpoint(
            self, "Resource", name=warehouse.name, cluster_size=arguments["cluster_size"]
        )
        self.resource.override_logical_id(warehouse.id)
        set_arguments(self.resource, f"databricks_sql_endpoint.{warehouse.id}", arguments)
        lookups.add("sql_warehouse", warehouse.id, self.resource.id)
        self.permissions = Permissions(
            self, f"sql-warehouse-{warehouse.id}", warehouse.permissions, sql_endpoint_id=self.resource.id
        )
