"""Cluster policies."""

from __future__ import annotations

from datamesh.cluster_policy import ClusterPolicy
from datamesh.lookups import Lookups
from mesh.model import cluster_policy as model
from mesh.model.permission import Permission


def test_a_policy_has_permissions(synth) -> None:
    """The permissions have the policy's Terraform name and refer to its id."""
    policy = model.ClusterPolicy(
        "small",
        "small",
        {"definition": '{"a": {}}', "max_clusters_per_user": 3},
        (Permission("group_name", "analysts", "CAN_USE"),),
    )
    assert synth(lambda scope: ClusterPolicy(scope, policy, Lookups(scope))) == {
        "resource": {
            "databricks_cluster_policy": {
                "small": {"name": "small", "definition": '{"a": {}}', "max_clusters_per_user": 3}
            },
            "databricks_permissions": {
                "cluster-policy-small": {
                    "cluster_policy_id": "${databricks_cluster_policy.small.id}",
                    "access_control": [{"group_name": "analysts", "permission_level": "CAN_USE"}],
                }
            },
        }
    }
