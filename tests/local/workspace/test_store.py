"""What was answered survives: a restart, and the end of the process at any moment."""

import json

import pytest

from local.home import Home
from local.workspace.app import create_app
from mesh.errors import OutsideError

UC = "/api/2.1/unity-catalog"


def fill(workspace) -> None:
    """Make one of everything."""
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
    workspace.post("/api/2.0/secrets/scopes/create", {"scope": "keys"})
    workspace.notebook("/Shared/nb", "print(1)")
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
    "/api/2.0/secrets/scopes/list",
    "/api/2.0/workspace/list?path=/Shared",
    "/api/2.1/jobs/list",
    "/api/2.0/permissions/jobs/1",
]


def test_everything_survives_a_restart(home, start):
    with start(home) as workspace:
        fill(workspace)
        before = {path: workspace.get(path) for path in PATHS}
    with start(home) as workspace:
        assert {path: workspace.get(path) for path in PATHS} == before


def test_everything_is_on_disk_when_it_is_answered(workspace, tmp_path, start):
    """A copy of the home, made while the workspace is up, is what kill -9 would leave."""
    fill(workspace)
    before = {path: workspace.get(path) for path in PATHS}
    kept = json.loads((workspace.home.workspace / "state.json").read_text())

    copy = Home(tmp_path / "copy")
    copy.make()
    (copy.workspace / "state.json").write_text(json.dumps(kept))
    notebook = copy.files / "Shared" / "nb"
    notebook.parent.mkdir()
    notebook.write_text("print(1)")
    with start(copy) as again:
        after = {path: again.get(path) for path in PATHS}
    text = json.dumps(before).replace(str(workspace.home.path), str(copy.path))
    assert json.dumps(after).replace(str(workspace.home.path), str(copy.path)) == text


def test_nothing_of_one_workspace_is_in_the_next(home, start, tmp_path):
    with start(home) as workspace:
        fill(workspace)
    with start(Home(tmp_path / "other")) as workspace:
        assert workspace.get(f"{UC}/catalogs") == {"catalogs": []}
        assert workspace.get("/api/2.1/jobs/list")["jobs"] == []


def test_a_run_that_was_active_when_the_workspace_died_is_told_as_an_internal_error(home, start):
    with start(home) as workspace:
        job = workspace.job({"a": "", "b": ""})
        run_id = workspace.run(job)["run_id"]
    record = home.runs / str(run_id) / "run.json"
    run = json.loads(record.read_text())
    run["state"] = run["tasks"][1]["state"] = {"life_cycle_state": "RUNNING", "state_message": ""}
    record.write_text(json.dumps(run))

    with start(home) as workspace:
        found = workspace.get("/api/2.1/jobs/runs/get", run_id=run_id)
        assert found["state"]["life_cycle_state"] == "INTERNAL_ERROR"
        assert found["tasks"][0]["state"]["result_state"] == "SUCCESS"
        assert found["tasks"][1]["state"]["life_cycle_state"] == "INTERNAL_ERROR"
        assert workspace.run(job)["run_id"] > run_id


def test_a_run_that_is_active_when_the_workspace_stops_is_stopped_and_told(home, start):
    with start(home) as workspace:
        job = workspace.job({"a": "import time; time.sleep(60)"})
        run_id = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
        workspace.until(run_id, lambda run: run["tasks"][0]["state"]["life_cycle_state"] == "RUNNING")
    with start(home) as workspace:
        found = workspace.get("/api/2.1/jobs/runs/get", run_id=run_id)
        assert found["state"]["life_cycle_state"] == "INTERNAL_ERROR"


@pytest.mark.parametrize("text", ["", "{", '{"format": 99}'])
def test_a_state_that_cannot_be_read_is_an_error_and_is_left_alone(home, text):
    home.make()
    file = home.workspace / "state.json"
    file.write_text(text)

    with pytest.raises(OutsideError, match="move it away"):
        create_app(home)
    assert file.read_text() == text


def test_what_is_kept_is_for_the_owners_eyes_only(workspace):
    assert (workspace.home.workspace / "state.json").stat().st_mode & 0o777 == 0o600
    assert workspace.home.path.stat().st_mode & 0o777 == 0o700
