"""External locations, storage credentials, external volumes and their files, bindings, models."""

import pytest

UC = "/api/2.1/unity-catalog"
CREDENTIALS = f"{UC}/storage-credentials"
LOCATIONS = f"{UC}/external-locations"
ROLE = {"role_arn": "arn:aws:iam::123456789012:role/mesh"}
FILES = "/api/2.0/fs/files/Volumes"
DIRECTORIES = "/api/2.0/fs/directories/Volumes"


@pytest.fixture
def credential(workspace) -> str:
    """A storage credential; returns its name."""
    workspace.post(CREDENTIALS, {"name": "role", "aws_iam_role": ROLE})
    return "role"


@pytest.fixture
def schema(workspace) -> dict[str, str]:
    """A schema in a catalog; returns the fields that name it."""
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
    return {"catalog_name": "cat", "schema_name": "s"}


def external(workspace, schema, name: str, location: str, status: int = 200) -> dict:
    """Make an external volume."""
    body = {**schema, "name": name, "volume_type": "EXTERNAL", "storage_location": location}
    return workspace.post(f"{UC}/volumes", body, status=status)


def test_a_credential_is_one_identity_and_never_tells_its_secret(workspace):
    key = {"application_id": "a", "directory_id": "d", "client_secret": "hush"}
    workspace.post(CREDENTIALS, {"name": "azure", "azure_service_principal": key})

    assert "hush" not in workspace.http.get(f"{CREDENTIALS}/azure").text
    assert "hush" not in (workspace.home.workspace / "state.json").read_text()
    both = {"name": "x", "azure_service_principal": key, "aws_iam_role": ROLE}
    assert "exactly one of" in workspace.post(CREDENTIALS, both, status=400)["message"]
    workspace.post(CREDENTIALS, {"name": "gcp", "databricks_gcp_service_account": {}})
    assert workspace.get(f"{CREDENTIALS}/gcp")["databricks_gcp_service_account"]["email"]


def test_a_location_needs_its_credential_and_a_place_of_its_own(workspace, credential):
    body = {"name": "landing", "url": "s3://bucket/landing", "credential_name": credential}
    made = workspace.post(LOCATIONS, body)
    assert made["credential_id"] == workspace.get(f"{CREDENTIALS}/role")["id"]

    missing = {**body, "name": "x", "url": "s3://other", "credential_name": "none"}
    assert "Storage Credential 'none'" in workspace.post(LOCATIONS, missing, status=404)["message"]
    for url in ("s3://bucket/landing/", "s3://bucket", "s3://bucket/landing/deep"):
        refused = workspace.post(LOCATIONS, {**body, "name": "x", "url": url}, status=400)
        assert "of external location 'landing'" in refused["message"]
    workspace.post(LOCATIONS, {**body, "name": "beside", "url": "s3://bucket/landing2"})
    for url in ("/etc", "s3:/x", "s3://a/../b", "", "s3://"):
        workspace.post(LOCATIONS, {**body, "name": "x", "url": url}, status=400)


def test_what_is_needed_is_deleted_by_force_only(workspace, schema, credential):
    workspace.post(LOCATIONS, {"name": "l", "url": "s3://b", "credential_name": credential})
    external(workspace, schema, "landing", "s3://b/landing")

    assert "external location l" in workspace.delete(f"{CREDENTIALS}/role", status=400)["message"]
    assert "cat.s.landing" in workspace.delete(f"{LOCATIONS}/l", status=400)["message"]
    workspace.delete(f"{LOCATIONS}/l?force=true")
    workspace.delete(f"{CREDENTIALS}/role")
    workspace.get(f"{CREDENTIALS}/role", status=404)


def test_external_volumes_never_share_a_place(workspace, schema):
    external(workspace, schema, "landing", "s3://b/landing")

    refused = external(workspace, schema, "other", "s3://b/landing/2019", status=400)
    assert "overlaps with that of volume 'cat.s.landing'" in refused["message"]
    external(workspace, schema, "other", "s3://b/elsewhere")
    managed = {**schema, "name": "x", "volume_type": "MANAGED", "storage_location": "s3://b/x"}
    workspace.post(f"{UC}/volumes", managed, status=400)
    workspace.post(f"{UC}/volumes", {**schema, "name": "x", "volume_type": "EXTERNAL"}, status=400)


@pytest.mark.parametrize("location", ["s3://b/../../x", "file:///etc", "/etc", f"s3://b/{'x' * 300}"])
def test_no_location_leaves_the_workspace(workspace, schema, location):
    assert external(workspace, schema, "v", location, status=400)["error_code"] == "INVALID_PARAMETER_VALUE"
    workspace.get(f"{UC}/volumes/cat.s.v", status=404)


@pytest.mark.parametrize("kind", ["MANAGED", "EXTERNAL"])
def test_files_of_a_volume_are_written_listed_read_and_deleted(workspace, schema, kind):
    if kind == "EXTERNAL":
        external(workspace, schema, "v", "abfss://lake@account.dfs.core.windows.net/landing")
    else:
        workspace.post(f"{UC}/volumes", {**schema, "name": "v", "volume_type": kind})
    http, file = workspace.http, f"{FILES}/cat/s/v/2019/trips.csv"

    assert http.put(file, content=b"a,b\n").status_code == 204
    assert http.put(file, content=b"x").status_code == 409
    assert http.put(f"{file}?overwrite=true", content=b"a,b,c\n").status_code == 204
    assert (http.get(file).content, http.head(file).headers["content-length"]) == (b"a,b,c\n", "6")
    (listed,) = workspace.get(f"{DIRECTORIES}/cat/s/v/2019")["contents"]
    assert (listed["path"], listed["file_size"]) == ("/Volumes/cat/s/v/2019/trips.csv", 6)
    assert http.delete(f"{DIRECTORIES}/cat/s/v/2019").status_code == 400
    assert http.delete(file).status_code == 204
    assert http.get(file).status_code == 404
    assert http.delete(f"{DIRECTORIES}/cat/s/v/2019").status_code == 204
    assert workspace.get(f"{DIRECTORIES}/cat/s/v")["contents"] == []


@pytest.mark.parametrize("path", ["cat/s/none/x", "cat/s", "cat/s/v/..%2F..%2Fx"])
def test_there_are_no_files_outside_volumes(workspace, schema, path):
    workspace.post(f"{UC}/volumes", {**schema, "name": "v", "volume_type": "MANAGED"})

    assert workspace.http.put(f"{FILES}/{path}", content=b"x").status_code in (400, 404)


def test_an_isolated_catalog_is_bound_to_workspaces(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat", "isolation_mode": "ISOLATED"})
    path = f"{UC}/bindings/catalog/cat"
    workspace.patch(path, {"add": [{"workspace_id": 1, "binding_type": "BINDING_TYPE_READ_ONLY"}]})
    workspace.patch(path, {"add": [{"workspace_id": 2}], "remove": [{"workspace_id": 3}]})

    bound = {one["workspace_id"]: one["binding_type"] for one in workspace.get(path)["bindings"]}
    assert bound == {1: "BINDING_TYPE_READ_ONLY", 2: "BINDING_TYPE_READ_WRITE"}
    workspace.patch(path, {"add": [{"workspace_id": 1, "binding_type": "SOME"}]}, status=400)
    workspace.patch(f"{UC}/bindings/table/cat", {}, status=400)
    workspace.patch(f"{UC}/catalogs/cat", {"isolation_mode": "SHUT"}, status=400)
    workspace.delete(f"{UC}/catalogs/cat")
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    assert workspace.get(path)["bindings"] == []


def test_a_registered_model_keeps_its_schema_from_being_deleted(workspace, schema):
    made = workspace.post(f"{UC}/models", {**schema, "name": "fares", "comment": "what a trip costs"})
    assert (made["full_name"], made["owner"]) == ("cat.s.fares", "minilake-user")
    workspace.patch(f"{UC}/models/cat.s.fares", {"owner": "taxi-team"})

    listed = workspace.get(f"{UC}/models", catalog_name="cat", schema_name="s")["registered_models"]
    assert [one["owner"] for one in listed] == ["taxi-team"]
    assert "1 models(s)" in workspace.delete(f"{UC}/schemas/cat.s", status=400)["message"]
    workspace.delete(f"{UC}/schemas/cat.s?force=true")
    workspace.get(f"{UC}/models/cat.s.fares", status=404)


@pytest.mark.parametrize(
    ("securable", "good", "wrong"),
    [
        ("catalog/cat", "USE_CATALOG", "READ_FILES"),
        ("schema/cat.s", "CREATE_MODEL", "USE_CATALOG"),
        ("volume/cat.s.v", "READ_VOLUME", "SELECT"),
        ("function/cat.s.m", "APPLY_TAG", "MODIFY"),
        ("external_location/l", "CREATE_EXTERNAL_VOLUME", "USE_SCHEMA"),
        ("storage_credential/role", "CREATE_EXTERNAL_LOCATION", "CREATE_MANAGED_STORAGE"),
        ("schema/cat.s", "USE SCHEMA", "SELEKT"),
    ],
)
def test_a_privilege_is_granted_only_on_what_can_have_it(
    workspace, schema, credential, securable, good, wrong
):
    workspace.post(f"{UC}/volumes", {**schema, "name": "v", "volume_type": "MANAGED"})
    workspace.post(f"{UC}/models", {**schema, "name": "m"})
    workspace.post(LOCATIONS, {"name": "l", "url": "s3://b", "credential_name": credential})
    path = f"{UC}/permissions/{securable}"

    workspace.patch(path, {"changes": [{"principal": "p", "add": [good]}]})
    refused = workspace.patch(path, {"changes": [{"principal": "p", "add": [wrong]}]}, status=400)
    assert wrong in refused["message"]
    held = [{"principal": "p", "privileges": [good.replace(" ", "_")]}]
    assert workspace.get(path)["privilege_assignments"] == held


@pytest.mark.parametrize("securable", ["function/cat.s.none", "external_location/x", "storage_credential/x"])
def test_nothing_is_granted_on_what_is_not_there(workspace, securable):
    workspace.get(f"{UC}/permissions/{securable}", status=404)
