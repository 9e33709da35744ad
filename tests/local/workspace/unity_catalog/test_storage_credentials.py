"""Storage credentials."""

UC = "/api/2.1/unity-catalog"
CREDENTIALS = f"{UC}/storage-credentials"
LOCATIONS = f"{UC}/external-locations"
ROLE = {"role_arn": "arn:aws:iam::123456789012:role/mesh"}


def test_a_credential_has_exactly_one_identity_and_never_returns_its_secret(workspace):
    key = {"application_id": "a", "directory_id": "d", "client_secret": "hush"}
    workspace.post(CREDENTIALS, {"name": "azure", "azure_service_principal": key})

    assert "hush" not in workspace.http.get(f"{CREDENTIALS}/azure").text
    assert "hush" not in (workspace.home.workspace / "state.json").read_text()
    both = {"name": "x", "azure_service_principal": key, "aws_iam_role": ROLE}
    assert "exactly one of" in workspace.post(CREDENTIALS, both, status=400)["message"]
    workspace.post(CREDENTIALS, {"name": "gcp", "databricks_gcp_service_account": {}})
    assert workspace.get(f"{CREDENTIALS}/gcp")["databricks_gcp_service_account"]["email"]


def test_a_credential_in_use_is_deleted_only_with_force(workspace, credential):
    workspace.post(LOCATIONS, {"name": "l", "url": "s3://b", "credential_name": credential})

    assert "external location l" in workspace.delete(f"{CREDENTIALS}/role", status=400)["message"]
    workspace.delete(f"{CREDENTIALS}/role?force=true")
    workspace.get(f"{CREDENTIALS}/role", status=404)
