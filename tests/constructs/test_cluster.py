"""Shared clusters."""

from __future__ import annotations

from typing import Any

from datamesh.cluster import Cluster
from datamesh.lookups import Lookups
from mesh.model import cluster as model
from mesh.model.compute_object import Lookup
from mesh.model.permission import Permission

CLUSTER = model.Cluster(
    "shared",
    "Shared by analysts",
    {
        "spark_version": "15.4.x-scala2.12",
        "num_workers": 0,
        "node_type_id": Lookup("node_type", None, {"min_cores": 4}),
        "library": [{"pypi": {"package": "pandas"}}],
    },
    (Permission("group_name", "analysts", "CAN_RESTART"),),
)


def test_a_cluster_has_all_declared_arguments_and_its_permissions(synth) -> None:
    """Blocks arrive in Terraform's spelling, and a zero is not dropped."""
    assert synth(lambda scope: Cluster(scope, CLUSTER, Lookups(scope))) == {
        "data": {"databricks_node_type": {"min_cores_4": {"min_cores": 4}}},
        "resource": {
            "databricks_cluster": {
                "shared": {
                    "cluster_name": "Shared by analysts",
                    "spark_version": "15.4.x-scala2.12",
                    "num_workers": 0,
                    "node_type_id": "${data.databricks_node_type.min_cores_4.id}",
                    "library": [{"pypi": {"package": "pandas"}}],
                }
            },
            "databricks_permissions": {
                "cluster-shared": {
                    "cluster_id": "${databricks_cluster.shared.id}",
                    "access_control": [{"group_name": "analysts", "permission_level": "CAN_RESTART"}],
                }
            },
        },
    }


def test_jobs_of_the_stack_refer_to_the_cluster_without_a_data_source(synth) -> None:
    second = model.Cluster(
        "second", "second", {"spark_version": "x", "custom_tags": {"of": Lookup("cluster", "first")}}
    )

    def build(scope: Any) -> None:
        lookups = Lookups(scope)
        Cluster(scope, model.Cluster("first", "first", {"spark_version": "x"}), lookups)
        Cluster(scope, second, lookups)

    stack = synth(build)
    assert stack["resource"]["databricks_cluster"]["second"]["custom_tags"] == {
        "of": "${databricks_cluster.first.id}"
    }
    assert stack.keys() == {"resource"}
