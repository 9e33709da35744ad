"""Every resource type is created, changed, imported and destroyed by real Terraform."""

import base64
import json
from typing import Any

import pytest

from local.provider.registry import RESOURCE_TYPES

FUNCTION = "masks.shared.hidden"


@pytest.fixture(autouse=True, scope="module")
def function(workspace: Any) -> None:
    """The function that the column mask calls; Terraform makes no functions."""
    catalog, schema, name = FUNCTION.split(".")
    for kind, body in (
        ("catalogs", {"name": catalog}),
        ("schemas", {"catalog_name": catalog, "name": schema}),
        ("functions", {"catalog_name": catalog, "schema_name": schema, "name": name}),
    ):
        workspace.api.post(f"/api/2.1/unity-catalog/{kind}", json=body).raise_for_status()


def everything(name: str, text: str) -> dict[str, Any]:
    """One resource of each type, related as in a deployment.

    Args:
        name: makes it another deployment.
        text: the value of every field that can be changed in place.
    """

    def of(kind: str, attribute: str = "id") -> str:
        return f"${{databricks_{kind}.x.{attribute}}}"

    def content(code: str) -> str:
        return base64.b64encode(code.encode()).decode()

    resources: dict[str, dict[str, Any]] = {
        "catalog": {"name": name, "comment": text, "force_destroy": True, "isolation_mode": "ISOLATED"},
        "schema": {
            "catalog_name": of("catalog", "name"),
            "name": "revenue",
            "comment": text,
            "properties": {"a": text},
        },
        "volume": {
            "catalog_name": of("catalog", "name"),
            "schema_name": of("schema", "name"),
            "name": "landing",
            "volume_type": "MANAGED",
            "comment": text,
        },
        "grants": {
            "schema": of("schema"),
            "grant": [
                {"principal": of("group", "display_name"), "privileges": ["USE_SCHEMA", "SELECT"]},
                {
                    "principal": of("user", "user_name"),
                    "privileges": ["MODIFY" if text == "new" else "SELECT"],
                },
            ],
        },
        "grant": {
            "model": of("registered_model"),
            "principal": of("group", "display_name"),
            "privileges": ["EXECUTE", "APPLY_TAG"] if text == "new" else ["EXECUTE"],
        },
        "registered_model": {
            "catalog_name": of("catalog", "name"),
            "schema_name": of("schema", "name"),
            "name": "fares",
            "comment": text,
        },
        "storage_credential": {
            "name": name,
            "aws_iam_role": {"role_arn": f"arn:aws:iam::123456789012:role/{text}"},
            "comment": text,
        },
        "external_location": {
            "name": name,
            "url": f"s3://{name}-bucket/landing",
            "credential_name": of("storage_credential", "name"),
            "comment": text,
            "isolation_mode": "ISOLATION_MODE_ISOLATED",
        },
        "workspace_binding": {
            "securable_name": of("catalog", "name"),
            "workspace_id": 12345,
            "binding_type": "BINDING_TYPE_READ_ONLY",
        },
        "group": {"display_name": f"{name} analysts", "workspace_access": text == "new"},
        "user": {"user_name": f"{name}@example.com", "display_name": text, "force_delete_home_dir": True},
        "service_principal": {
            "display_name": f"{name} {text}",
            "workspace_access": True,
            "databricks_sql_access": text == "new",
        },
        "entitlements": {
            "service_principal_id": of("service_principal"),
            "workspace_access": True,
            "databricks_sql_access": text == "new",
        },
        "entity_tag_assignment": {
            "entity_type": "schemas",
            "entity_name": of("schema"),
            "tag_key": "product",
            "tag_value": text,
        },
        "policy_info": {
            "name": "hide",
            "on_securable_type": "SCHEMA",
            "on_securable_fullname": of("schema"),
            "for_securable_type": "TABLE",
            "policy_type": "POLICY_TYPE_COLUMN_MASK",
            "comment": text,
            "to_principals": ["account users"],
            "except_principals": [text],
            "match_columns": [{"condition": f"has_tag('{text}')", "alias": "a"}],
            "column_mask": {
                "function_name": FUNCTION,
                "on_column": "a",
                "using": [{"constant": text}, {"alias": "a"}],
            },
        },
        "group_member": {"group_id": of("group"), "member_id": of("user")},
        "cluster_policy": {"name": name, "definition": json.dumps({"x": {"type": "fixed", "value": text}})},
        "cluster": {
            "cluster_name": f"{name} {text}",
            "spark_version": "14.3.x-scala2.12",
            "node_type_id": "Standard_DS3_v2",
            "policy_id": of("cluster_policy"),
            "autoscale": {"min_workers": 1, "max_workers": 3 if text == "new" else 2},
            "spark_conf": {"spark.x": text},
            "library": [{"pypi": {"package": "requests"}}, {"pypi": {"package": text}}],
            "is_pinned": text == "new",
        },
        "instance_pool": {
            "instance_pool_name": f"{name} {text}",
            "node_type_id": "Standard_DS3_v2",
            "idle_instance_autotermination_minutes": 10,
            "min_idle_instances": 0,
            "custom_tags": {"team": "taxi"},
            "azure_attributes": {"availability": "SPOT_AZURE", "spot_bid_max_price": -1},
        },
        "permissions": {
            "job_id": of("job"),
            "access_control": {
                "group_name": of("group", "display_name"),
                "permission_level": "CAN_VIEW" if text == "new" else "CAN_MANAGE_RUN",
            },
        },
        "sql_endpoint": {
            "name": f"{name} {text}",
            "cluster_size": "2X-Small",
            "tags": {"custom_tags": [{"key": "a", "value": "b"}]},
        },
        "directory": {"path": f"/Shared/{name}", "delete_recursive": True},
        "notebook": {
            "path": f"{of('directory', 'path')}/deep/notebook",
            "language": "PYTHON",
            "content_base64": content(f"# Databricks notebook source\nprint({text!r})\n"),
        },
        "workspace_file": {
            "path": f"{of('directory', 'path')}/module.py",
            "content_base64": content(f"text = {text!r}\n"),
        },
        "repo": {"url": f"https://example.com/{name}/code", "git_provider": "gitHub", "branch": text},
        "mlflow_experiment": {
            "name": f"{of('directory', 'path')}/{text}",
            "tags": [{"key": "a", "value": "b"}],
        },
        "pipeline": {
            "name": f"{name} {text}",
            "catalog": of("catalog", "name"),
            "schema": of("schema", "name"),
            "channel": "PREVIEW",
            "edition": "ADVANCED",
            "photon": True,
            "development": text == "new",
            "continuous": False,
            "tags": {"team": text},
            "cluster": [
                {"label": "default", "autoscale": {"min_workers": 1, "max_workers": 2, "mode": "ENHANCED"}},
                {"label": "maintenance", "num_workers": 1, "policy_id": of("cluster_policy")},
            ],
            "library": [
                {"notebook": {"path": of("notebook", "path")}},
                {"file": {"path": of("workspace_file", "path")}},
                {"glob": {"include": f"{of('directory', 'path')}/{text}/**"}},
            ],
            "configuration": {"a": text},
            "notification": [{"email_recipients": ["team@example.com"], "alerts": ["on-update-failure"]}],
            "event_log": {"catalog": of("catalog", "name"), "schema": of("schema", "name"), "name": "events"},
            "run_as": {"user_name": of("user", "user_name")},
        },
        "job": {
            "name": f"{name} {text}",
            "git_source": {"url": "https://example.com/x/y", "provider": "gitHub", "commit": "5bd01c2f"},
            "schedule": {"quartz_cron_expression": "27 0 16 ? * Thu", "timezone_id": "Europe/Brussels"},
            "parameter": [{"name": "catalog", "default": text}, {"name": "b", "default": ""}],
            "email_notifications": {"on_failure": ["team@example.com"]},
            "queue": {"enabled": True},
            "tags": {"team": text},
            "task": [
                {
                    "task_key": "count",
                    "existing_cluster_id": of("cluster"),
                    "notebook_task": {"notebook_path": of("notebook", "path")},
                    "library": [{"pypi": {"package": "requests"}}],
                },
                {
                    "task_key": "join",
                    "depends_on": [{"task_key": "count"}],
                    "notebook_task": {"notebook_path": "flows/join", "base_parameters": {"k": text}},
                },
            ],
        },
    }
    return {f"databricks_{kind}": {"x": value} for kind, value in resources.items()}


# These types have only names or ids, so the changed text does not change them.
UNTOUCHED = {"databricks_directory.x", "databricks_group_member.x", "databricks_workspace_binding.x"}


# Attributes that only Terraform reads, or libraries of a cluster, which an import does not take over.
NOT_IN_THE_WORKSPACE = {
    "databricks_catalog.x",
    "databricks_cluster.x",
    "databricks_directory.x",
    "databricks_notebook.x",
    "databricks_user.x",
    "databricks_workspace_file.x",
}


def test_every_type_is_created_changed_and_destroyed(terraform: Any, workspace: Any) -> None:
    """After each apply the next plan is empty; destroy removes everything."""
    assert RESOURCE_TYPES.keys() == everything("every", "old").keys()
    terraform.write(everything("every", "old"))
    assert f"{len(RESOURCE_TYPES)} added, 0 changed, 0 destroyed" in terraform.apply()
    assert terraform.planned() == {}

    terraform.write(everything("every", "new"))
    assert terraform.planned() == {
        f"{kind}.x": ["update"] for kind in RESOURCE_TYPES if f"{kind}.x" not in UNTOUCHED
    }
    terraform.apply()
    assert terraform.planned() == {}

    terraform.destroy()
    assert workspace.jobs("every") == []
    assert "every" not in [
        catalog["name"] for catalog in workspace.get("/api/2.1/unity-catalog/catalogs")["catalogs"]
    ]
    assert (
        workspace.api.get("/api/2.0/workspace/get-status", params={"path": "/Shared/every"}).status_code
        == 404
    )
    for kind in ("Users", "Groups", "ServicePrincipals"):
        assert "every" not in workspace.api.get(f"/api/2.0/preview/scim/v2/{kind}").text
    for path in (
        "2.1/clusters/list",
        "2.1/unity-catalog/external-locations",
        "2.1/unity-catalog/storage-credentials",
        "2.0/policies/clusters/list",
        "2.0/instance-pools/list",
        "2.0/sql/warehouses",
        "2.0/mlflow/experiments/list",
        "2.0/pipelines",
        "2.0/repos",
    ):
        assert "every" not in workspace.api.get(f"/api/{path}").text


def test_every_type_is_imported_by_its_id(terraform: Any) -> None:
    """Objects created elsewhere can be imported without being recreated."""
    terraform.write(everything("imported", "old"))
    terraform.apply()
    ids = {
        f"{kind}.x": resource_type.id_of(terraform.state(f"{kind}.x"))
        for kind, resource_type in RESOURCE_TYPES.items()
    }
    (terraform.folder / "terraform.tfstate").unlink()

    imports = [{"to": address, "id": resource_id} for address, resource_id in ids.items()]
    terraform.write(everything("imported", "old"), **{"import": imports})
    assert terraform.planned() == {address: ["update"] for address in NOT_IN_THE_WORKSPACE}
    assert f"{len(RESOURCE_TYPES)} imported, 0 added" in terraform.apply()
    assert terraform.planned() == {}
    terraform.destroy()
