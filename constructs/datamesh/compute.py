"""The compute of one stack."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import Construct, cdktf
from datamesh.cluster import Cluster
from datamesh.cluster_policy import ClusterPolicy
from datamesh.instance_pool import InstancePool
from datamesh.lookups import Lookups
from datamesh.sql_warehouse import SqlWarehouse
from mesh.deployment.compute import ComputeObjects


class Compute(Construct):
    """The cluster policies, instance pools, shared clusters and SQL warehouses of one stack."""

    def __init__(
        self, scope: Construct, compute: ComputeObjects, principals: Sequence[cdktf.TerraformResource] = ()
    ) -> None:
        """Creates the compute.

        Args:
            scope: the construct of its level.
            compute: the objects to create.
            principals: principals of the same stack; permissions are created after them.
        """
        super().__init__(scope, "Compute")
        self.lookups = Lookups(self)
        constructs: list[ClusterPolicy | InstancePool | Cluster | SqlWarehouse] = [
            *(ClusterPolicy(self, declared, self.lookups) for declared in compute.cluster_policies),
            *(InstancePool(self, declared, self.lookups) for declared in compute.instance_pools),
            # after the policies and pools that they refer to
            *(Cluster(self, declared, self.lookups) for declared in compute.clusters),
            *(SqlWarehouse(self, declared, self.lookups) for declared in compute.sql_warehouses),
        ]
        for construct in constructs:
            construct.permissions.wait_for(principals)
