"""An instance pool."""

from __future__ import annotations

from datamesh.arguments import set_arguments
from datamesh.bindings import Construct, databricks
from datamesh.lookups import Lookups
from datamesh.permissions import Permissions
from mesh.model import instance_pool as model


class InstancePool(Construct):
    """An instance pool and its permissions."""

    def __init__(self, scope: Construct, pool: model.InstancePool, lookups: Lookups) -> None:
        super().__init__(scope, f"InstancePool {pool.id}")
        arguments = lookups.resolve(pool.arguments)
        self.resource = databricks.instance_pool.InstancePool(
            self,
            "Resource",
            instance_pool_name=pool.name,
            idle_instance_autotermination_minutes=arguments["idle_instance_autotermination_minutes"],
        )
        self.resource.override_logical_id(pool.id)
        set_arguments(self.resource, f"databricks_instance_pool.{pool.id}", arguments)
        lookups.add("instance_pool", pool.id, self.resource.id)
        self.permissions = Permissions(
            self, f"instance-pool-{pool.id}", pool.permissions, instance_pool_id=self.resource.id
        )
