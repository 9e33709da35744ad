"""Instance pools."""

from __future__ import annotations

from typing import Any

from datamesh.cluster import Cluster
from datamesh.instance_pool import InstancePool
from datamesh.lookups import Lookups
from mesh.model import cluster as cluster_model
from mesh.model import instance_pool as model
from mesh.model.compute_object import Lookup
from mesh.model.permission import Permission

POOL = model.InstancePool(
    "warm",
    "Warm machines",
    {"idle_instance_autotermination_minutes": 5, "min_idle_instances": 0, "node_type_id": "m5.large"},
    (Permission("group_name", "analysts", "CAN_ATTACH_TO"),),
)


def test_a_pool_has_all_declared_arguments_and_its_permissions(synth) -> None:
    assert synth(lambda scope: InstancePool(scope, POOL, Lookups(scope))) == {
        "resource": {
            "databricks_instance_pool": {
                "warm": {
                    "instance_pool_name": "Warm machines",
                    "idle_instance_autotermination_minutes": 5,
                    "min_idle_instances": 0,
                    "node_type_id": "m5.large",
                }
            },
            "databricks_permissions": {
                "instance-pool-warm": {
                    "instance_pool_id": "${databricks_instance_pool.warm.id}",
                    "access_control": [{"group_name": "analysts", "permission_level": "CAN_ATTACH_TO"}],
                }
            },
        }
    }


def test_clusters_of_the_stack_refer_to_the_pool_without_a_data_source(synth) -> None:
    arguments = {"spark_version": "x", "instance_pool_id": Lookup("instance_pool", "warm")}

    def build(scope: Any) -> None:
        lookups = Lookups(scope)
        InstancePool(scope, POOL, lookups)
        Cluster(scope, cluster_model.Cluster("shared", "shared", arguments), lookups)

    stack = synth(build)
    assert stack["resource"]["databricks_cluster"]["shared"]["instance_pool_id"] == (
        "${databricks_instance_pool.warm.id}"
    )
    assert stack.keys() == {"resource"}
