"""Data sources, read by real Terraform from the workspace."""

from typing import Any


def job(name: str, **settings: Any) -> dict[str, Any]:
    """Return a job with one task."""
    task = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}}
    return {"name": name, "task": [task], **settings}


def test_data_sources_return_existing_objects(terraform: Any, workspace: Any) -> None:
    """Each data source returns the id of the object."""
    terraform.write(
        {
            "databricks_job": {"j": job("found")},
            "databricks_group": {"g": {"display_name": "found"}},
            "databricks_user": {"u": {"user_name": "found@example.com"}},
            "databricks_group_member": {
                "m": {"group_id": "${databricks_group.g.id}", "member_id": "${databricks_user.u.id}"}
            },
            "databricks_service_principal": {"s": {"display_name": "found"}},
            "databricks_cluster_policy": {"p": {"name": "found", "definition": "{}"}},
            "databricks_instance_pool": {
                "i": {
                    "instance_pool_name": "found",
                    "node_type_id": "x",
                    "idle_instance_autotermination_minutes": 5,
                }
            },
            "databricks_sql_endpoint": {"w": {"name": "found", "cluster_size": "Small"}},
            "databricks_catalog": {"c": {"name": "found", "force_destroy": True}},
            "databricks_schema": {"s": {"catalog_name": "${databricks_catalog.c.name}", "name": "s"}},
            "databricks_cluster": {
                "c": {
                    "cluster_name": "found",
                    "spark_version": "${data.databricks_spark_version.x.id}",
                    "node_type_id": "${data.databricks_node_type.x.id}",
                    "num_workers": 1,
                }
            },
        },
        data={
            "databricks_current_user": {"x": {}},
            "databricks_spark_version": {"x": {"long_term_support": True}},
            "databricks_node_type": {
                "x": {"min_cores": 1},
                "large": {"min_cores": 6, "min_memory_gb": 60},
                "gpu": {"min_gpus": 1},
            },
            "databricks_cluster_policy": {"x": {"name": "${databricks_cluster_policy.p.name}"}},
            "databricks_instance_pool": {"x": {"name": "${databricks_instance_pool.i.instance_pool_name}"}},
            "databricks_service_principal": {
                "x": {"display_name": "${databricks_service_principal.s.display_name}"}
            },
            "databricks_catalog": {"x": {"name": "${databricks_catalog.c.name}"}},
            "databricks_job": {"x": {"job_name": "${databricks_job.j.name}"}},
            "databricks_group": {
                "x": {
                    "display_name": "${databricks_group.g.display_name}",
                    "depends_on": ["databricks_group_member.m"],
                }
            },
            "databricks_user": {"x": {"user_name": "${databricks_user.u.user_name}"}},
            "databricks_sql_warehouse": {"x": {"name": "${databricks_sql_endpoint.w.name}"}},
            "databricks_schema": {"x": {"name": "${databricks_schema.s.id}"}},
            "databricks_cluster": {"x": {"cluster_name": "${databricks_cluster.c.cluster_name}"}},
        },
    )
    terraform.apply()
    for data_source, address in (
        ("job", "databricks_job.j"),
        ("group", "databricks_group.g"),
        ("user", "databricks_user.u"),
        ("sql_warehouse", "databricks_sql_endpoint.w"),
        ("schema", "databricks_schema.s"),
        ("cluster", "databricks_cluster.c"),
        ("cluster_policy", "databricks_cluster_policy.p"),
        ("instance_pool", "databricks_instance_pool.i"),
        ("service_principal", "databricks_service_principal.s"),
        ("catalog", "databricks_catalog.c"),
    ):
        assert terraform.state(f"data.databricks_{data_source}.x")["id"] == terraform.state(address)["id"]
    me = workspace.get("/api/2.0/preview/scim/v2/Me")["userName"]
    assert terraform.state("data.databricks_current_user.x")["user_name"] == me
    assert terraform.state("data.databricks_group.x")["users"] == [terraform.state("databricks_user.u")["id"]]
    sizes = {name: terraform.state(f"data.databricks_node_type.{name}")["id"] for name in ("large", "gpu")}
    assert sizes == {"large": "Standard_E8ds_v5", "gpu": "Standard_NC4as_T4_v3"}
    assert terraform.planned() == {}
    terraform.destroy()
