"""What the provider refuses before it sends anything, checked with the schemas of the bindings."""

from typing import Any

import pytest

from local.provider.constraints import Constraints, at_most_one, one_of
from local.provider.registry import RESOURCE_TYPES
from local.provider.values import UNKNOWN, conform_to_schema
from tests.support.rest_api import schemas

GIT = {"url": "https://github.com/a/b"}
CLUSTER = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge"}
DAILY = {"interval": 1, "unit": "DAYS"}
POOL = {"instance_pool_name": "p", "idle_instance_autotermination_minutes": 5, "node_type_id": "i3.xlarge"}
NOTEBOOK = {"path": "/Shared/n", "language": "PYTHON", "content_base64": "YQ=="}


def refused(kind: str, config: dict[str, Any]) -> list[str]:
    """Return the paths of what the provider refuses."""
    block = schemas().resources[f"databricks_{kind}"]
    constraints = RESOURCE_TYPES[f"databricks_{kind}"].behaviour.constraints
    return [each.path for each in constraints.problems(conform_to_schema(config, block), block)]


@pytest.mark.parametrize(
    ("kind", "config", "path"),
    [
        ("catalog", {"share_name": "s", "storage_root": "s3://a"}, "share_name"),
        ("catalog", {"enable_predictive_optimization": "on"}, "enable_predictive_optimization"),
        ("cluster", {**CLUSTER, "num_workers": -1}, "num_workers"),
        ("cluster", {**CLUSTER, "runtime_engine": "photon"}, "runtime_engine"),
        ("cluster", {**CLUSTER, "instance_pool_id": "p"}, "instance_pool_id"),
        ("cluster", {**CLUSTER, "driver_instance_pool_id": "p"}, "driver_instance_pool_id"),
        ("cluster", {**CLUSTER, "ssh_public_keys": ["a"] * 11}, "ssh_public_keys"),
        ("cluster", {"aws_attributes": [{}], "gcp_attributes": [{}]}, "gcp_attributes"),
        ("cluster_policy", {"definition": "{}", "policy_family_id": "f"}, "definition"),
        ("cluster_policy", {"policy_family_definition_overrides": "{}"}, "policy_family_definition_overrides"),
        ("entitlements", {"workspace_access": True}, "group_id"),
        ("external_location", {"file_event_queue": [{"managed_aqs": [{}], "managed_sqs": [{}]}]}, "file_event_queue.managed_sqs"),
        ("grant", {"catalog": "a", "schema": "b.c"}, "schema"),
        ("grants", {"grant": []}, "catalog"),
        ("group", {"display_name": "admins"}, "display_name"),
        ("group", {"workspace_consume": True, "workspace_access": False}, "workspace_consume"),
        ("instance_pool", {**POOL, "aws_attributes": [{"availability": "SPOT_WITH_FALLBACK"}]}, "aws_attributes.availability"),
        ("instance_pool", {**POOL, "aws_attributes": [{}], "azure_attributes": [{}]}, "azure_attributes"),
        ("job", {"schedule": [{}], "continuous": [{}]}, "continuous"),
        ("job", {"schedule": [{}], "trigger": [{"periodic": [DAILY]}]}, "trigger"),
        ("job", {"always_running": False, "continuous": [{}]}, "always_running"),
        ("job", {"notebook_task": [{"notebook_path": "/a"}], "parameter": [{"name": "a"}]}, "notebook_task"),
        ("job", {"git_source": [{**GIT, "branch": "main", "tag": "v"}]}, "git_source.tag"),
        ("job", {"git_source": [{"url": "git@github.com:a/b"}]}, "git_source.url"),
        ("job", {"git_source": [{"url": "http://github.com/a/b"}]}, "git_source.url"),
        ("job", {"max_concurrent_runs": -1}, "max_concurrent_runs"),
        ("job", {"run_as": [{}]}, "run_as.user_name"),
        ("job", {"run_as": [{"user_name": "a", "service_principal_name": "b"}]}, "run_as.user_name"),
        ("job", {"trigger": [{"pause_status": "PAUSED"}]}, "trigger.file_arrival"),
        ("job", {"trigger": [{"file_arrival": [{"url": ""}]}]}, "trigger.file_arrival.url"),
        ("job", {"trigger": [{"periodic": [{**DAILY, "interval": 0}]}]}, "trigger.periodic.interval"),
        ("job", {"trigger": [{"periodic": [{**DAILY, "unit": "days"}]}]}, "trigger.periodic.unit"),
        ("job", {"trigger": [{"table_update": [{"table_names": []}]}]}, "trigger.table_update.table_names"),
        ("job", {"task": [{"task_key": "a", "new_cluster": [{"num_workers": -1}]}]}, "task.new_cluster.num_workers"),
        ("notebook", {**NOTEBOOK, "language": None}, "content_base64"),
        ("notebook", {**NOTEBOOK, "source": "/etc"}, "content_base64"),
        ("notebook", {**NOTEBOOK, "language": "python"}, "language"),
        ("notebook", {**NOTEBOOK, "format": "HTML"}, "format"),
        ("notebook", {**NOTEBOOK, "content_base64": "?"}, "content_base64"),
        ("notebook", {**NOTEBOOK, "path": "dbfs:/a"}, "path"),
        ("permissions", {"job_id": "1", "cluster_id": "2"}, "cluster_id"),
        ("pipeline", {"channel": "stable"}, "channel"),
        ("pipeline", {"edition": "basic"}, "edition"),
        ("pipeline", {"target": "a", "schema": "b"}, "schema"),
        ("pipeline", {"storage": "a", "catalog": "b"}, "catalog"),
        ("pipeline", {"ingestion_definition": [{"connection_name": "c"}]}, "ingestion_definition"),
        ("pipeline", {"notification": [{"email_recipients": ["a"], "alerts": []}]}, "notification.alerts"),
        ("repo", {"url": "git@github.com:a/b.git"}, "url"),
        ("repo", {**GIT, "branch": "main", "tag": "v"}, "tag"),
        ("repo", {**GIT, "path": "/Repos/a"}, "path"),
        ("repo", {**GIT, "branch": " "}, "branch"),
        ("service_principal", {"active": True}, "application_id"),
        ("sql_endpoint", {"cluster_size": "small"}, "cluster_size"),
        ("sql_endpoint", {"max_num_clusters": 31}, "max_num_clusters"),
        ("storage_credential", {"name": "c"}, "aws_iam_role"),
        ("volume", {"volume_type": "managed"}, "volume_type"),
        ("workspace_binding", {"catalog_name": "a", "securable_name": "b"}, "catalog_name"),
        ("workspace_binding", {"securable_name": "b", "securable_type": "volume"}, "securable_type"),
        ("workspace_file", {"path": "Volumes/a"}, "path"),
        ("workspace_file", {"path": "/Shared/a", "source": "/none/of/these"}, "source"),
    ],
)  # fmt: skip
def test_the_provider_refuses(kind: str, config: dict[str, Any], path: str) -> None:
    assert path in refused(kind, config)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("cluster", {**CLUSTER, "num_workers": 0, "runtime_engine": "PHOTON", "ssh_public_keys": ["a"] * 10}),
        ("cluster_policy", {"policy_family_id": "f", "policy_family_definition_overrides": "{}"}),
        ("job", {"trigger": [{"periodic": [DAILY], "pause_status": "PAUSED"}], "git_source": [GIT]}),
        ("job", {"notebook_task": [{"notebook_path": "/a"}], "task": []}),
        ("job", {"run_as": []}),
        ("notebook", NOTEBOOK),
        ("notebook", {"path": "/Shared/n", "source": "relative.py"}),
        ("pipeline", {"edition": "Pro", "channel": "preview", "catalog": "a", "schema": "b"}),
        ("repo", {**GIT, "path": "/Workspace/a"}),
        ("repo", {**GIT, "path": "/Repos/a/b/"}),
    ],
)
def test_the_provider_accepts(kind: str, config: dict[str, Any]) -> None:
    assert refused(kind, config) == []


def test_several_fields_of_a_block_that_may_occur_more_often_are_not_checked() -> None:
    cluster = {"aws_attributes": [{}], "gcp_attributes": [{}]}
    assert refused("job", {"task": [{"task_key": "a", "new_cluster": [cluster]}]}) == []
    assert refused("job", {"new_cluster": [cluster]}) == ["new_cluster.gcp_attributes"]


def test_values_that_are_only_known_after_the_apply_are_not_checked() -> None:
    block = schemas().resources["databricks_repo"]
    config = {"branch": UNKNOWN, "tag": "v", "url": UNKNOWN}
    constraints = RESOURCE_TYPES["databricks_repo"].behaviour.constraints
    assert list(constraints.problems(config, block)) == []
    elements = {"task": UNKNOWN, "run_as": [{"user_name": UNKNOWN, "service_principal_name": None}]}
    constraints = RESOURCE_TYPES["databricks_job"].behaviour.constraints
    assert list(constraints.problems(elements, schemas().resources["databricks_job"])) == []


def test_constraints_of_several_paths_are_merged() -> None:
    left, right = Constraints(values={"a": one_of("x")}), Constraints({"": (at_most_one("a", "b"),)})
    merged = left.merged(right)
    assert (set(merged.values), set(merged.relations)) == ({"a"}, {""})
