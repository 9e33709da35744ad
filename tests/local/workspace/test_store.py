"""The state survives a restart, and the end of the process at any moment."""

import json

import pytest

from local.home import Home
from local.workspace.app import create_app
from mesh.errors import OutsideError

UC = "/api/2.1/unity-catalog"


def create_objects(workspace) -> None:
    """Create an object of every kind."""
    workspace.post(f"{UC}/catalogs", {"name": "cat", "comment": "Trips"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
    workspace.post(f"{UC}/volumes", {"name": "v", "catalog_name": "cat", "schema_name": "s"})
    change = {"changes": [{"principal": "analysts", "add": ["SELECT"]}]}
    workspace.patch(f"{UC}/permissions/schema/cat.s", change)
    workspace.post("/api/2.0/preview/scim/v2/Groups", {"displayName": "analysts"})
    workspace.post("/api/2.0/policies/clusters/create", {"name": "small", "definition": "{}"})
    workspace.post("/api/2.1/clusters/create", {"spark_version": "15.4.x-scala2.12", "cluster_name": "c"})
    workspace.post("/api/2.0/sql/warehouses", {"name": "w"})
    workspace.post("/api/2.0/pipelines", {"name": "p"})
    workspace.post("/api/2.0/repos", {"url": "https://example.com/r.git", "provider": "gitHub"})
    workspace.import_notebook("/Shared/nb", "print(1)")
    job = workspace.post("/api/2.1/jobs/create", {"name": "j"})["job_id"]
    acl = {"access_control_list": [{"group_name": "analysts", "permission_level": "CAN_VIEW"}]}
    workspace.put(f"/api/2.0/permissions/jobs/{job}", acl)


PATHS = [
    f"{UC}/catalogs",
    f"{UC}/schemas?catalog_name=cat",
    f"{UC}/volumes?catalog_name=cat&schema_name=s",
    f"{UC}/permissions/schema/cat.s",
    "/api/2.0/preview/scim/v2/Groups",
    "/api/2.0/policies/clusters/list",
    "/api/2.1/clusters/list",
    "/api/2.0/sql/warehouses",
    "/api/2.0/pipelines",
    "/api/2.0/repos",
    "/api/2.0/workspace/list?path=/Shared",
    "/api/2.1/jobs/list",
    "/api/2.0/permissions/jobs/1",
]


def test_everything_survives_a_restart(home, start):
    with start(home) as workspace:
        create_objects(workspace)
        before = {path: workspace.get(path) for path in PATHS}
    with start(home) as workspace:
        assert {path: workspace.get(path) for path in PATHS} == before


def test_every_change_is_on_disk_before_its_response(workspace, tmp_path, start):
    """A copy of the home that is created while the workspace runs has the state that kill -9 would leave."""
    create_objects(workspace)
    before = {path: workspace.get(path) for path in PATHS}
    state = json.loads((workspace.home.workspace / "state.json").read_text())

    copy = Home(tmp_path / "copy")
    copy.create_folders()
    (copy.workspace / "state.json").write_text(json.dumps(state))
    notebook = copy.files / "Shared" / "nb"
    notebook.parent.mkdir()
    notebook.write_text("print(1)")
    with start(copy) as again:
        after = {path: again.get(path) for path in PATHS}
    text = json.dumps(before).replace(str(workspace.home.path), str(copy.path))
    assert json.dumps(after).replace(str(workspace.home.path), str(copy.path)) == text


def test_workspaces_in_one_process_share_no_state(home, start, tmp_path):
    with start(home) as workspace:
        create_objects(workspace)
    with start(Home(tmp_path / "other")) as workspace:
        assert workspace.get(f"{UC}/catalogs") == {"catalogs": []}
        assert workspace.get("/api/2.1/jobs/list")["jobs"] == []


@pytest.mark.parametrize("text", ["", "{", '{"format": 99}'])
def test_an_unreadable_state_file_is_an_error_and_stays_unchanged(home, text):
    home.create_folders()
    file = home.workspace / "state.json"
    file.write_text(text)

    with pytest.raises(OutsideError, match="move the file away"):
        create_app(home)
    assert file.read_text() == text


def test_only_the_owner_can_read_the_state(workspace):
    assert (workspace.home.workspace / "state.json").stat().st_mode & 0o777 == 0o600
    assert workspace.home.path.stat().st_mode & 0o777 == 0o700
