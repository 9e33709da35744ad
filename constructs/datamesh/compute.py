"""The compute that one stack makes."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResource
from constructs import Construct

from datamesh.cluster import Cluster
from datamesh.cluster_policy import ClusterPolicy
from datamesh.instance_pool import InstancePool
from datamesh.lookups import Lookups
from datamesh.sql_warehouse import SqlWarehouse
from mesh.deployment.compute import DeployedCompute


class Compute(Construct):
    """Cluster policies, instance pools, shared clusters and SQL warehouses, which name each other by id."""

    def __init__(
        self, scope: Construct, compute: DeployedCompute, principals: Sequence[TerraformResource] = ()
    ) -> None:
        """Make the compute.

        Args:
            scope: the construct of the level that it belongs to.
            compute: what is made.
            principals: groups, users and service principals that are made with it, and that permissions name.
        """
        super().__init__(scope, "Compute")
        self.lookups = Lookups(self)
        made: list[ClusterPolicy | InstancePool | Cluster | SqlWarehouse] = [
            *(ClusterPolicy(self, one, self.lookups) for one in compute.cluster_policies),
            *(InstancePool(self, one, self.lookups) for one in compute.instance_pools),
            # after what they name
            *(Cluster(self, one, self.lookups) for one in compute.clusters),
            *(SqlWarehouse(self, one, self.lookups) for one in compute.sql_warehouses),
        ]
        for one in made:
            one.permissions.wait_for(principals)
