"""A cluster policy."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_databricks.cluster_policy import ClusterPolicy as ClusterPolicyResource
from constructs import Construct

from mesh import cluster_policy as model


class ClusterPolicy(Construct):
    """What clusters that use it may look like."""

    def __init__(self, scope: Construct, policy: model.ClusterPolicy) -> None:
        super().__init__(scope, f"ClusterPolicy {policy.id}")
        self.resource = ClusterPolicyResource(
            self,
            "Resource",
            name=policy.name,
            definition=json.dumps(policy.definition, sort_keys=True, ensure_ascii=False),
            description=policy.description,
            max_clusters_per_user=policy.max_clusters_per_user,
        )
        self.resource.override_logical_id(policy.id)
