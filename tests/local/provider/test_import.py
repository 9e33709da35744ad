"""What the workspace has already is taken under Terraform by the ids that the real provider documents."""

from collections.abc import Iterator
from typing import Any

import pytest

UNITY = "/api/2.1/unity-catalog"
SCHEMA = {"catalog_name": "taken", "schema_name": "revenue"}
TASK = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}, "max_retries": 1}
SETTINGS = {
    "name": "taken",
    "tags": {"team": "taxi"},
    "run_as": {"service_principal_name": "5b1e2f"},
    "schedule": {"quartz_cron_expression": "0 0 5 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"},
}


@pytest.fixture
def made(workspace: Any) -> Iterator[dict[str, str]]:
    """Things that somebody made by hand; the ids of those that have numbers."""
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


def declared(made: dict[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """By type: the id, and the configuration that says what is there."""
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
            made["policy"],
            {"name": "taken", "definition": '{"x":{"type":"fixed","value":"y"}}'},
        ),
        "job": (made["job"], {**SETTINGS, "task": [TASK]}),
        "permissions": (
            f"/jobs/{made['job']}",
            {
                "job_id": made["job"],
                "access_control": {"group_name": "analysts", "permission_level": "CAN_VIEW"},
            },
        ),
    }


def test_what_was_made_by_hand_is_imported_and_the_plan_is_empty(
    terraform: Any, made: dict[str, str]
) -> None:
    """Import blocks alone: nothing would be made, changed or destroyed, before and after the apply."""
    things = declared(made)
    imports = [{"to": f"databricks_{kind}.x", "id": identity} for kind, (identity, _) in things.items()]
    config = {f"databricks_{kind}": {"x": one} for kind, (_, one) in things.items()}
    terraform.write(config, **{"import": imports})
    assert terraform.planned() == {}
    assert f"{len(things)} imported, 0 added, 0 changed, 0 destroyed" in terraform.apply()
    assert terraform.planned() == {}


def test_only_what_differs_is_shown_after_an_import(terraform: Any, made: dict[str, str]) -> None:
    """A job that somebody paused, and a schema without its comment, are changed in place."""
    things = declared(made)
    wanted = {kind: things[kind] for kind in ("schema", "job", "volume")}
    wanted["schema"] = (wanted["schema"][0], {**wanted["schema"][1], "comment": "Trips"})
    schedule = {**SETTINGS["schedule"], "pause_status": "UNPAUSED"}  # type: ignore[dict-item]
    wanted["job"] = (wanted["job"][0], {**wanted["job"][1], "schedule": schedule})
    imports = [{"to": f"databricks_{kind}.x", "id": identity} for kind, (identity, _) in wanted.items()]
    config = {f"databricks_{kind}": {"x": one} for kind, (_, one) in wanted.items()}
    terraform.write(config, **{"import": imports})
    assert terraform.planned() == {"databricks_job.x": ["update"], "databricks_schema.x": ["update"]}


@pytest.mark.parametrize(
    ("kind", "identity", "said"),
    [
        ("job", "999999", "Cannot import non-existent remote object"),
        ("volume", "taken.revenue.none", "Cannot import non-existent remote object"),
        ("workspace_binding", "taken", "is not <workspace id>|<securable type>|<securable name>"),
        ("grant", "model/taken.revenue.fares", "is not <kind>/<full name>/<principal>"),
    ],
)
def test_what_is_not_there_cannot_be_imported(
    terraform: Any, made: dict[str, str], kind: str, identity: str, said: str
) -> None:
    """The error says so, on the command line too."""
    terraform.write({f"databricks_{kind}": {"x": declared(made)[kind][1]}})
    code, output = terraform.run("import", f"databricks_{kind}.x", identity)
    assert (code, said in " ".join(output.replace("│", " ").split())) == (1, True), output
