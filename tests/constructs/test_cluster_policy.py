"""Cluster policies."""

from __future__ import annotations

from datamesh.cluster_policy import ClusterPolicy
from mesh import cluster_policy as model


def test_a_policy_is_written_as_json_in_a_fixed_order(synth) -> None:
    """Whatever the order in the file, the plan stays empty."""
    policy = model.ClusterPolicy("small", "small", {"b": {"type": "fixed", "value": 1}, "a": {}}, "Small", 3)
    assert synth(lambda scope: ClusterPolicy(scope, policy)) == {
        "resource": {
            "databricks_cluster_policy": {
                "small": {
                    "name": "small",
                    "definition": '{"a": {}, "b": {"type": "fixed", "value": 1}}',
                    "description": "Small",
                    "max_clusters_per_user": 3,
                }
            }
        }
    }
