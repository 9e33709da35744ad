"""Import of existing objects by the ids that the real provider documents."""

from collections.abc import Iterator
from typing import Any

import pytest

UNITY = "/api/2.1/unity-catalog"
SCHEMA = {"catalog_name": "taken", "schema_name": "revenue"}
TASK = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}, "max_retries": 1}
SETTINGS = {
    "name": "taken",
    "max_concurrent_runs": 1,
    "tags": {"team": "taxi"},
    "run_as": {"service_principal_name": "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"},
    "schedule": {"quartz_cron_expression": "0 0 5 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"},
}


@pytest.fixture
def existing_ids(workspace: Any) -> Iterator[dict[str, str]]:
    """Objects created by hand; returns the numeric ids."""
    workspace.post(f"{UNITY}/catalogs", {"name": "taken", "properties": {"team": "taxi"}})
    workspace.post(f"{UNITY}/schemas", {"name": "revenue", "catalog_name": "taken", "comment": "Revenue"})
    workspace.post(f"{UNITY}/volumes", {**SCHEMA, "name": "landing", "volume_type": "MANAGED"})
    workspace.post(f"{UNITY}/models", {**SCHEMA, "name": "fares"})
    role = {"role_arn": "arn:aws:iam::123456789012:role/taken"}
    workspace.post(f"{UNITY}/storage-credentials", {"name": "taken", "aws_iam_role": role})
    location = {"name": "taken", "url": "s3://taken", "credential_name": "taken"}
    workspace.post(f"{UNITY}/external-locations", location)
    for path, privilege in (("schema/taken.revenue", "SELECT"), ("function/taken.revenue.fares", "EXECUTE")):
        change = {"changes": [{"principal": "analysts", "add": [privilege]}]}
        workspace.api.patch(f"{UNITY}/permissions/{path}", json=change).raise_for_status()
    binding = {"add": [{"workspace_id": 12345, "binding_type": "BINDING_TYPE_READ_ONLY"}]}
    workspace.api.patch(f"{UNITY}/bindings/catalog/taken", json=binding).raise_for_status()
    policy = {"name": "taken", "definition": '{"x": {"type": "fixed", "value": "y"}}'}
    policy_id = workspace.post("/api/2.0/policies/clusters/create", policy)["policy_id"]
    job_id = str(workspace.post("/api/2.2/jobs/create", {**SETTINGS, "tasks": [TASK]})["job_id"])
    permitted = {"access_control_list": [{"group_name": "analysts", "permission_level": "CAN_VIEW"}]}
    workspace.api.put(f"/api/2.0/permissions/jobs/{job_id}", json=permitted).raise_for_status()
    yield {"policy": policy_id, "job": job_id}
    workspace.post("/api/2.2/jobs/delete", {"job_id": int(job_id)})
    workspace.post("/api/2.0/policies/clusters/delete", {"policy_id": policy_id})
    for path in ("catalogs/taken?force=true", "external-locations/taken", "storage-credentials/taken"):
        workspace.api.delete(f"{UNITY}/{path}").raise_for_status()


def declarations(existing_ids: dict[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return, by type, the id and the configuration of the existing object."""
    role = {"role_arn": "arn:aws:iam::123456789012:role/taken"}
    grant = {"principal": "analysts", "privileges": ["SELECT"]}
    return {
        "catalog": ("taken", {"name": "taken", "properties": {"team": "taxi"}}),
        "schema": (
            "taken.revenue",
            {"catalog_name": "taken", "name": "revenue", "comment": "Revenue", "force_destroy": False},
        ),
        "volume": ("taken.revenue.landing", {**SCHEMA, "name": "landing", "volume_type": "MANAGED"}),
        "registered_model": ("taken.revenue.fares", {**SCHEMA, "name": "fares"}),
        "grants": ("schema/taken.revenue", {"schema": "taken.revenue", "grant": [grant]}),
        "grant": (
            "model/taken.revenue.fares/analysts",
            {"model": "taken.revenue.fares", "principal": "analysts", "privileges": ["EXECUTE"]},
        ),
        "storage_credential": ("taken", {"name": "taken", "aws_iam_role": role}),
        "external_location": (
            "taken",
            {"name": "taken", "url": "s3://taken", "credential_name": "taken", "read_only": False},
        ),
        "workspace_binding": (
            "12345|catalog|taken",
            {"securable_name": "taken", "workspace_id": 12345, "binding_type": "BINDING_TYPE_READ_ONLY"},
        ),
        "cluster_policy": (
            existing_ids["policy"],
            {"name": "taken", "definition": '{"x": {"type": "fixed", "value": "y"}}'},
        ),
        "job": (existing_ids["job"], {**SETTINGS, "task": [TASK]}),
        "permissions": (
            f"/jobs/{existing_ids['job']}",
            {
                "job_id": existing_ids["job"],
                "access_control": {"group_name": "analysts", "permission_level": "CAN_VIEW"},
            },
        ),
    }


def test_objects_created_by_hand_are_imported_without_changes(
    terraform: Any, existing_ids: dict[str, str]
) -> None:
    """The plan holds imports only; after the apply it is empty."""
    objects = declarations(existing_ids)
    imports = [
        {"to": f"databricks_{kind}.x", "id": resource_id} for kind, (resource_id, _) in objects.items()
    ]
    config = {f"databricks_{kind}": {"x": configuration} for kind, (_, configuration) in objects.items()}
    terraform.write(config, **{"import": imports})
    assert terraform.planned() == {}
    assert f"{len(objects)} imported, 0 added, 0 changed, 0 destroyed" in terraform.apply()
    assert terraform.planned() == {}


def test_only_differences_are_planned_after_an_import(terraform: Any, existing_ids: dict[str, str]) -> None:
    """A paused job and a schema without its comment are changed in place."""
    objects = declarations(existing_ids)
    selected = {kind: objects[kind] for kind in ("schema", "job", "volume")}
    selected["schema"] = (selected["schema"][0], {**selected["schema"][1], "comment": "Trips"})
    schedule = {**SETTINGS["schedule"], "pause_status": "UNPAUSED"}  # type: ignore[dict-item]
    selected["job"] = (selected["job"][0], {**selected["job"][1], "schedule": schedule})
    imports = [
        {"to": f"databricks_{kind}.x", "id": resource_id} for kind, (resource_id, _) in selected.items()
    ]
    config = {f"databricks_{kind}": {"x": configuration} for kind, (_, configuration) in selected.items()}
    terraform.write(config, **{"import": imports})
    assert terraform.planned() == {"databricks_job.x": ["update"], "databricks_schema.x": ["update"]}


@pytest.mark.parametrize(
    ("kind", "resource_id", "message"),
    [
        ("job", "999999", "Cannot import non-existent remote object"),
        ("volume", "taken.revenue.none", "Cannot import non-existent remote object"),
        ("workspace_binding", "taken", "is not <workspace id>|<securable type>|<securable name>"),
        ("grant", "model/taken.revenue.fares", "is not <kind>/<full name>/<principal>"),
    ],
)
def test_a_missing_object_cannot_be_imported(
    terraform: Any, existing_ids: dict[str, str], kind: str, resource_id: str, message: str
) -> None:
    """The error names the object, also for `terraform import`."""
    terraform.write({f"databricks_{kind}": {"x": declarations(existing_ids)[kind][1]}})
    code, output = terraform.run("import", f"databricks_{kind}.x", resource_id)
    assert (code, message in " ".join(output.replace("│", " ").split())) == (1, True), output
