"""A cluster policy."""

from __future__ import annotations

from datamesh.arguments import set_arguments
from datamesh.bindings import Construct, databricks
from datamesh.lookups import Lookups
from datamesh.permissions import Permissions
from mesh.model import cluster_policy as model


class ClusterPolicy(Construct):
    """A cluster policy and its permissions."""

    def __init__(self, scope: Construct, policy: model.ClusterPolicy, lookups: Lookups) -> None:
        super().__init__(scope, f"ClusterPolicy {policy.id}")
        self.resource = databricks.cluster_policy.ClusterPolicy(self, "Resource", name=policy.name)
        self.resource.override_logical_id(policy.id)
        address = f"databricks_cluster_policy.{policy.id}"
        set_arguments(self.resource, address, lookups.resolve(policy.arguments))
        lookups.add("cluster_policy", policy.id, self.resource.id)
        self.permissions = Permissions(
            self, f"cluster-policy-{policy.id}", policy.permissions, cluster_policy_id=self.resource.id
        )
