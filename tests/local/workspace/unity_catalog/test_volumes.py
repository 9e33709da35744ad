"""Volumes: managed and external, their locations."""

import pytest

from tests.local.workspace.unity_catalog.helpers import UC, create_external_volume


def test_a_volume_keeps_its_owner_and_comment(workspace, schema):
    body = {"name": "landing", "catalog_name": "cat", "schema_name": "s", "volume_type": "MANAGED"}
    workspace.post(f"{UC}/volumes", {**body, "comment": "Files as they arrive"})
    workspace.patch(f"{UC}/volumes/cat.s.landing", {"owner": "taxi-team"})

    volume = workspace.get(f"{UC}/volumes/cat.s.landing")
    assert (volume["comment"], volume["owner"]) == ("Files as they arrive", "taxi-team")
    workspace.delete(f"{UC}/volumes/cat.s.landing")
    workspace.get(f"{UC}/volumes/cat.s.landing", status=404)


def test_external_volumes_cannot_overlap(workspace, schema):
    create_external_volume(workspace, schema, "landing", "s3://b/landing")

    refused = create_external_volume(workspace, schema, "other", "s3://b/landing/2019", status=400)
    assert "overlaps with that of volume 'cat.s.landing'" in refused["message"]
    create_external_volume(workspace, schema, "other", "s3://b/elsewhere")
    managed = {**schema, "name": "x", "volume_type": "MANAGED", "storage_location": "s3://b/x"}
    workspace.post(f"{UC}/volumes", managed, status=400)
    workspace.post(f"{UC}/volumes", {**schema, "name": "x", "volume_type": "EXTERNAL"}, status=400)


@pytest.mark.parametrize("location", ["s3://b/../../x", "file:///etc", "/etc", f"s3://b/{'x' * 300}"])
def test_a_location_outside_the_workspace_is_refused(workspace, schema, location):
    assert (
        create_external_volume(workspace, schema, "v", location, status=400)["error_code"]
        == "INVALID_PARAMETER_VALUE"
    )
    workspace.get(f"{UC}/volumes/cat.s.v", status=404)


def test_the_folder_of_each_volume_is_known_to_the_processes_of_tasks(workspace, schema):
    create_external_volume(workspace, schema, "landing", "s3://b/landing")
    managed = {**schema, "name": "inbox", "volume_type": "MANAGED"}
    workspace.post(f"{UC}/volumes", managed)

    root = workspace.home.workspace
    assert workspace.get("/local/volumes")["folders"] == {
        "cat.s.landing": str(root / "cloud/s3/b/landing"),
        "cat.s.inbox": str(root / "volumes/cat/s/inbox"),
    }
