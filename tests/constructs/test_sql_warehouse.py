"""SQL warehouses."""

from __future__ import annotations

from typing import Any

from datamesh.job import Job
from datamesh.lookups import Lookups
from datamesh.sql_warehouse import SqlWarehouse
from mesh.deployment import job as job_model
from mesh.model import sql_warehouse as model
from mesh.model.compute_object import Lookup
from mesh.model.permission import Permission

WAREHOUSE = model.SqlWarehouse(
    "bi",
    "Dashboards",
    {
        "cluster_size": "2X-Small",
        "auto_stop_mins": 0,
        "tags": {"custom_tags": [{"key": "team", "value": "bi"}]},
    },
    (Permission("group_name", "analysts", "CAN_USE"),),
)


def test_a_warehouse_has_all_declared_arguments_and_its_permissions(synth) -> None:
    """Databricks calls it a SQL endpoint in Terraform; 0 minutes never stop it, and are not dropped."""
    assert synth(lambda scope: SqlWarehouse(scope, WAREHOUSE, Lookups(scope))) == {
        "resource": {
            "databricks_sql_endpoint": {
                "bi": {
                    "name": "Dashboards",
                    "cluster_size": "2X-Small",
                    "auto_stop_mins": 0,
                    "tags": {"custom_tags": [{"key": "team", "value": "bi"}]},
                }
            },
            "databricks_permissions": {
                "sql-warehouse-bi": {
                    "sql_endpoint_id": "${databricks_sql_endpoint.bi.id}",
                    "access_control": [{"group_name": "analysts", "permission_level": "CAN_USE"}],
                }
            },
        }
    }


def test_tasks_of_the_stack_refer_to_the_warehouse_without_a_data_source(synth) -> None:
    task = {"task_key": "q", "sql_task": {"warehouse_id": Lookup("sql_warehouse", "bi")}}

    def build(scope: Any) -> None:
        lookups = Lookups(scope)
        SqlWarehouse(scope, WAREHOUSE, lookups)
        Job(scope, job_model.Job("j", "j", {"name": "j", "tasks": [task]}), lookups=lookups)

    stack = synth(build)
    assert stack["resource"]["databricks_job"]["j"]["task"] == [
        {
            "task_key": "q",
            "sql_task": {"warehouse_id": "${databricks_sql_endpoint.bi.id}"},
            "retry_on_timeout": False,
        }
    ]
    assert stack.keys() == {"resource"}
