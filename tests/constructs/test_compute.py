"""The compute of a stack: references within the stack, lookups of existing objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datamesh.compute import Compute
from datamesh.job import Job
from datamesh.workspace_foundation import WorkspaceFoundation
from mesh.deployment import job as job_model
from mesh.deployment import workspace_foundation as model
from mesh.deployment.compute import ComputeObjects
from mesh.documents.terraform_text import literal
from mesh.model.backend import Backend
from mesh.model.cluster import Cluster
from mesh.model.cluster_policy import ClusterPolicy
from mesh.model.compute_object import Lookup
from mesh.model.environment import Environment
from mesh.model.instance_pool import InstancePool
from mesh.model.permission import Permission
from mesh.model.principal import Group
from mesh.model.sql_warehouse import SqlWarehouse
from mesh.toolkit import toolkit
from tests.support.terraform_schema import violations

PROVIDER_SCHEMA = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / f"databricks-{toolkit().provider}-schema.json"
)
COMPUTE = ComputeObjects(
    cluster_policies=(ClusterPolicy("small", "small", {"definition": "{}"}),),
    instance_pools=(
        InstancePool(
            "warm",
            "warm",
            {
                "idle_instance_autotermination_minutes": 5,
                "node_type_id": Lookup("node_type", None, {"min_memory_gb": 16, "local_disk": True}),
            },
        ),
    ),
    clusters=(
        Cluster(
            "shared",
            "shared",
            {
                "spark_version": "15.4.x-scala2.12",
                "autoscale": {"min_workers": 1, "max_workers": 2},
                "spark_conf": {"spark.sql.shuffle.partitions": "8"},
                "library": [{"pypi": {"package": "pandas"}}],
                "instance_pool_id": Lookup("instance_pool", "warm"),
                "policy_id": Lookup("cluster_policy", "small"),
            },
            (Permission("group_name", "analysts", "CAN_RESTART"),),
        ),
    ),
    sql_warehouses=(
        SqlWarehouse(
            "bi",
            "bi",
            {"cluster_size": "2X-Small", "tags": {"custom_tags": [{"key": "team", "value": "bi"}]}},
            (Permission("group_name", "analysts", "CAN_USE"),),
        ),
    ),
)


def test_objects_of_one_stack_refer_to_each_other(synth) -> None:
    """Terraform creates the objects in order; node types are looked up in the workspace."""
    made = synth(lambda scope: Compute(scope, COMPUTE))
    assert made == {
        "data": {
            "databricks_node_type": {
                "local_disk_True_min_memory_gb_16": {"local_disk": True, "min_memory_gb": 16}
            }
        },
        "resource": {
            "databricks_cluster_policy": {"small": {"name": "small", "definition": "{}"}},
            "databricks_instance_pool": {
                "warm": {
                    "instance_pool_name": "warm",
                    "idle_instance_autotermination_minutes": 5,
                    "node_type_id": "${data.databricks_node_type.local_disk_True_min_memory_gb_16.id}",
                }
            },
            "databricks_cluster": {
                "shared": {
                    "cluster_name": "shared",
                    "spark_version": "15.4.x-scala2.12",
                    "autoscale": {"min_workers": 1, "max_workers": 2},
                    "spark_conf": {"spark.sql.shuffle.partitions": "8"},
                    "library": [{"pypi": {"package": "pandas"}}],
                    "instance_pool_id": "${databricks_instance_pool.warm.id}",
                    "policy_id": "${databricks_cluster_policy.small.id}",
                }
            },
            "databricks_sql_endpoint": {
                "bi": {
                    "name": "bi",
                    "cluster_size": "2X-Small",
                    "tags": {"custom_tags": [{"key": "team", "value": "bi"}]},
                }
            },
            "databricks_permissions": {
                "cluster-shared": {
                    "cluster_id": "${databricks_cluster.shared.id}",
                    "access_control": [{"group_name": "analysts", "permission_level": "CAN_RESTART"}],
                },
                "sql-warehouse-bi": {
                    "sql_endpoint_id": "${databricks_sql_endpoint.bi.id}",
                    "access_control": [{"group_name": "analysts", "permission_level": "CAN_USE"}],
                },
            },
        },
    }


@pytest.mark.skipif(
    not PROVIDER_SCHEMA.exists(), reason="the real provider's schema is not beside this checkout"
)
def test_the_real_provider_accepts_the_compute(synth) -> None:
    """Checks names, types and required attributes and blocks."""
    made = synth(lambda scope: Compute(scope, COMPUTE))
    assert list(violations(made, json.loads(PROVIDER_SCHEMA.read_text()))) == []


def test_an_object_of_another_stack_is_looked_up_once(synth) -> None:
    """The lookup uses the object's name and has a readable Terraform name."""
    policy, pool = (Lookup(kind, None, {"name": "by hand"}) for kind in ("cluster_policy", "instance_pool"))
    template = {"policy_id": policy, "instance_pool_id": pool, "driver_instance_pool_id": pool}
    settings = {
        "name": "j",
        "job_clusters": [{"job_cluster_key": key, "new_cluster": template} for key in ("a", "b")],
        "tasks": [
            {"task_key": "a", "existing_cluster_id": Lookup("cluster", None, {"name": "by hand"})},
            {"task_key": "b", "existing_cluster_id": Lookup("cluster", None, {"name": "by_hand"})},
            {"task_key": "c", "sql_task": {"warehouse_id": Lookup("sql_warehouse", None, {"name": "bi"})}},
        ],
    }

    def build(scope: Any) -> None:
        lookups = Compute(scope, ComputeObjects()).lookups
        Job(scope, job_model.Job("j", "j", settings), lookups=lookups)

    made = synth(build)
    clusters = made["data"].pop("databricks_cluster")
    assert made["data"] == {
        "databricks_cluster_policy": {"by_hand": {"name": "by hand"}},
        "databricks_instance_pool": {"by_hand": {"name": "by hand"}},
        "databricks_sql_warehouse": {"bi": {"name": "bi"}},
    }
    job = made["resource"]["databricks_job"]["j"]
    assert {cluster["new_cluster"]["policy_id"] for cluster in job["job_cluster"]} == {
        "${data.databricks_cluster_policy.by_hand.id}"
    }
    assert job["task"][2]["sql_task"]["warehouse_id"] == "${data.databricks_sql_warehouse.bi.id}"
    # two names with the same identifier have two data sources
    assert sorted(one["cluster_name"] for one in clusters.values()) == ["by hand", "by_hand"]
    assert job["task"][0]["existing_cluster_id"] != job["task"][1]["existing_cluster_id"]


def test_permissions_depend_on_groups_of_the_same_stack(synth) -> None:
    """Permissions contain the group's name, so Terraform sees no reference."""
    foundation = model.WorkspaceFoundation(
        org="acme",
        environment=Environment("dev"),
        stack="acme-workspace-dev",
        state_key="acme/workspace/dev",
        backend=Backend("local", {"path": "x"}),
        groups=(Group("analysts", "analysts", ()),),
        users=(),
        service_principals=(),
        owning_environment=Environment("dev"),
        compute=COMPUTE,
    )
    made = synth(lambda scope: WorkspaceFoundation(scope, foundation))["resource"]["databricks_permissions"]
    assert {name: one["depends_on"] for name, one in made.items()} == {
        "cluster-shared": ["databricks_group.analysts"],
        "sql-warehouse-bi": ["databricks_group.analysts"],
    }


def test_text_of_the_mesh_is_escaped(synth) -> None:
    """Covers every argument, also those of lookups."""
    hostile = '${file("/etc/passwd")}'
    cluster = Cluster(
        "c",
        "c",
        {
            "spark_version": hostile,
            "spark_conf": {hostile: hostile},
            "policy_id": Lookup("cluster_policy", None, {"name": hostile}),
            "node_type_id": Lookup("node_type", None, {"category": hostile}),
        },
        (Permission("group_name", hostile, "CAN_MANAGE"),),
    )
    made = synth(lambda scope: Compute(scope, literal(ComputeObjects(clusters=(cluster,)))))
    text = json.dumps(made)
    escaped = json.dumps(f"${hostile}")[1:-1]
    assert text.count(escaped) == 6
    assert json.dumps(hostile)[1:-1] not in text.replace(escaped, "")
