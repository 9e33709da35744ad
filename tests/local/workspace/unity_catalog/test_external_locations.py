"""External locations."""

from tests.local.workspace.unity_catalog.helpers import UC, create_external_volume

CREDENTIALS = f"{UC}/storage-credentials"
LOCATIONS = f"{UC}/external-locations"


def test_a_location_needs_a_credential_and_a_url_without_overlap(workspace, credential):
    body = {"name": "landing", "url": "s3://bucket/landing", "credential_name": credential}
    location = workspace.post(LOCATIONS, body)
    assert location["credential_id"] == workspace.get(f"{CREDENTIALS}/role")["id"]

    unknown = {**body, "name": "x", "url": "s3://other", "credential_name": "none"}
    assert "Storage Credential 'none'" in workspace.post(LOCATIONS, unknown, status=404)["message"]
    for url in ("s3://bucket/landing/", "s3://bucket", "s3://bucket/landing/deep"):
        refused = workspace.post(LOCATIONS, {**body, "name": "x", "url": url}, status=400)
        assert "of external location 'landing'" in refused["message"]
    workspace.post(LOCATIONS, {**body, "name": "beside", "url": "s3://bucket/landing2"})
    for url in ("/etc", "s3:/x", "s3://a/../b", "", "s3://"):
        workspace.post(LOCATIONS, {**body, "name": "x", "url": url}, status=400)


def test_a_location_in_use_is_deleted_only_with_force(workspace, schema, credential):
    workspace.post(LOCATIONS, {"name": "l", "url": "s3://b", "credential_name": credential})
    create_external_volume(workspace, schema, "landing", "s3://b/landing")

    assert "cat.s.landing" in workspace.delete(f"{LOCATIONS}/l", status=400)["message"]
    workspace.delete(f"{LOCATIONS}/l?force=true")
    workspace.get(f"{LOCATIONS}/l", status=404)
