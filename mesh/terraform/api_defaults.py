"""The settings of objects that the Databricks API returns, with the API's defaults.

`mesh drift` compares them with what the mesh declares. Fields that the workspace sets by itself, such as the
status of a cluster, are not in the table, nor are fields whose default depends on the workspace.

Sources: Databricks REST API reference (Jobs 2.2, Pipelines, Clusters 2.1, Cluster Policies, Instance Pools,
SQL Warehouses, Unity Catalog 2.1, MLflow Experiments, Permissions); docstrings of the Databricks SDK.
Whether an update replaces all settings: "Overwrite all settings for a job", "Edit a pipeline", "Update
cluster configuration" and "Update a cluster policy" send the whole object; Unity Catalog's "Update a schema"
and similar requests change only the fields that they contain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mesh.documents.provider_fields import shape

CREATOR = "(creator)"  # the default of an owner and of the principal that a job runs as
WORKSPACE = "(workspace)"  # the workspace chooses the default: compared where the state holds a value
Defaults = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class ObjectApi:
    """How the API returns the objects of one Terraform type.

    Args:
        path: the path of the request; `{id}` stands for the object's id in the state.
        query: the query parameter that contains the id; "" if `path` contains the id.
        section: the field of the answer that holds the settings; "" for the whole answer.
        fields: the settings that people may change, by their Terraform names, each with the values that count
            as the API's default. An unset, empty or false value always counts as the default.
        replaces_all: True if an update of Terraform replaces all settings, also unknown settings.
        kept: the settings that such an update keeps, because the state contains them.
        securable: the argument of `databricks_grants` for such an object; "" without grants.
        permissions: the object's type in the paths of the Permissions API; "" without permissions.
        permissions_id: the attribute in the state that holds the id for the Permissions API.
    """

    path: str
    query: str = ""
    section: str = ""
    fields: Defaults = field(default_factory=dict)
    replaces_all: bool = False
    kept: tuple[str, ...] = ()
    securable: str = ""
    permissions: str = ""
    permissions_id: str = "id"


def _any_of(resource: str, *without: str, **defaults: tuple[Any, ...]) -> Defaults:
    """All fields of a resource's Terraform shape, without some of them.

    Args:
        resource: the resource, for example `job`.
        without: fields of Terraform, or that the workspace sets.
        defaults: the API's defaults.
    """
    names = (one.terraform for one in shape(resource).fields.values())
    return {name: defaults.get(name, ()) for name in names if name not in without}


_UNITY_CATALOG = "/api/2.1/unity-catalog"
_DATA: Defaults = {"comment": (), "owner": (CREATOR,)}
_PREDICTIVE: Defaults = {"enable_predictive_optimization": ("INHERIT",)}
_STORAGE: Defaults = {**_DATA, "read_only": (), "isolation_mode": ("ISOLATION_MODE_OPEN",)}

_JOB = _any_of(
    "job",
    *("name", "format", "edit_mode", "deployment", "always_running", "control_run_state"),
    *("timeouts", "provider_config", "task"),  # the refresh compares tasks, which every job declares
    max_concurrent_runs=(1,),
    queue=({"enabled": False},),  # the provider sends it where the code sets no queue
    run_as=(CREATOR,),
)
_PIPELINE = _any_of(
    "pipeline",
    *("name", "storage", "deployment", "cause", "cluster_id", "creator_user_name", "health", "state", "url"),
    *("expected_last_modified", "last_modified", "latest_updates", "allow_duplicate_names", "timeouts"),
    *("run_as_user_name", "provider_config"),
    channel=("CURRENT",),
    edition=("ADVANCED",),
    run_as=(CREATOR,),
)
_CLUSTER: Defaults = {
    "autoscale": (),
    "cluster_log_conf": (),
    "custom_tags": (),
    "docker_image": (),
    "init_scripts": (),
    "runtime_engine": ("STANDARD",),
    "single_user_name": (),
    "spark_conf": (),
    "spark_env_vars": (),
    "ssh_public_keys": (),
}
_WAREHOUSE: Defaults = {
    "auto_stop_mins": (120,),
    "channel": ({"name": "CHANNEL_NAME_CURRENT"},),
    "enable_photon": (True,),
    "enable_serverless_compute": (WORKSPACE,),
    "instance_profile_arn": (),
    "max_num_clusters": (1,),
    "min_num_clusters": (1,),
    "spot_instance_policy": ("COST_OPTIMIZED",),
    "tags": (),
    "warehouse_type": (WORKSPACE,),
}
_POLICY: Defaults = {
    "description": (),
    "libraries": (),
    "max_clusters_per_user": (),
    "policy_family_definition_overrides": (),
}

OBJECT_APIS: Mapping[str, ObjectApi] = {
    "databricks_job": ObjectApi(
        "/api/2.2/jobs/get",
        query="job_id",
        section="settings",
        fields=_JOB,
        replaces_all=True,
        kept=("queue", "run_as"),
        permissions="jobs",
    ),
    "databricks_pipeline": ObjectApi(
        "/api/2.0/pipelines/{id}",
        section="spec",
        fields=_PIPELINE,
        replaces_all=True,
        kept=("run_as",),
        permissions="pipelines",
    ),
    "databricks_catalog": ObjectApi(
        f"{_UNITY_CATALOG}/catalogs/{{id}}",
        fields={**_DATA, **_PREDICTIVE, "isolation_mode": ("OPEN",), "properties": (), "options": ()},
        securable="catalog",
    ),
    "databricks_schema": ObjectApi(
        f"{_UNITY_CATALOG}/schemas/{{id}}",
        fields={**_DATA, **_PREDICTIVE, "properties": ()},
        securable="schema",
    ),
    "databricks_volume": ObjectApi(f"{_UNITY_CATALOG}/volumes/{{id}}", fields=_DATA, securable="volume"),
    "databricks_registered_model": ObjectApi(
        f"{_UNITY_CATALOG}/models/{{id}}", fields=_DATA, securable="model"
    ),
    "databricks_external_location": ObjectApi(
        f"{_UNITY_CATALOG}/external-locations/{{id}}",
        fields={**_STORAGE, "fallback": (), "encryption_details": ()},
        securable="external_location",
    ),
    "databricks_storage_credential": ObjectApi(
        f"{_UNITY_CATALOG}/storage-credentials/{{id}}", fields=_STORAGE, securable="storage_credential"
    ),
    "databricks_sql_endpoint": ObjectApi(
        "/api/2.0/sql/warehouses/{id}", fields=_WAREHOUSE, permissions="sql/warehouses"
    ),
    "databricks_cluster": ObjectApi(
        "/api/2.1/clusters/get",
        query="cluster_id",
        fields=_CLUSTER,
        replaces_all=True,
        permissions="clusters",
    ),
    "databricks_cluster_policy": ObjectApi(
        "/api/2.0/policies/clusters/get",
        query="policy_id",
        fields=_POLICY,
        replaces_all=True,
        permissions="cluster-policies",
    ),
    "databricks_instance_pool": ObjectApi(
        "/api/2.0/instance-pools/get",
        query="instance_pool_id",
        fields={"custom_tags": (), "max_capacity": (), "min_idle_instances": ()},
        permissions="instance-pools",
    ),
    "databricks_mlflow_experiment": ObjectApi(
        "/api/2.0/mlflow/experiments/get",
        query="experiment_id",
        section="experiment",
        fields={"tags": ()},
        permissions="experiments",
    ),
    "databricks_group": ObjectApi("/api/2.0/preview/scim/v2/Groups/{id}"),
    "databricks_directory": ObjectApi("", permissions="directories", permissions_id="object_id"),
}
