"""Records of runs: runs that were active when the workspace stopped, deletion."""

import json

import pytest
from minilake.errors import DatabricksError

from local.workspace.store import now_ms
from local.workspace.workflows.records import RETENTION_MS, RunRecords


def test_a_run_that_was_active_when_the_workspace_died_is_an_internal_error(home, start):
    with start(home) as workspace:
        job = workspace.create_job({"a": "", "b": ""})
        run_id = workspace.run(job)["run_id"]
    record = home.runs / str(run_id) / "run.json"
    run = json.loads(record.read_text())
    run["state"] = run["tasks"][1]["state"] = {"life_cycle_state": "RUNNING", "state_message": ""}
    record.write_text(json.dumps(run))

    with start(home) as workspace:
        recorded = workspace.get("/api/2.1/jobs/runs/get", run_id=run_id)
        assert recorded["state"]["life_cycle_state"] == "INTERNAL_ERROR"
        assert recorded["tasks"][0]["state"]["result_state"] == "SUCCESS"
        assert recorded["tasks"][1]["state"]["life_cycle_state"] == "INTERNAL_ERROR"
        assert workspace.run(job)["run_id"] > run_id


def test_a_run_that_is_active_when_the_workspace_stops_is_an_internal_error(home, start):
    with start(home) as workspace:
        job = workspace.create_job({"a": "import time; time.sleep(60)"})
        run_id = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
        workspace.wait_until(run_id, lambda run: run["tasks"][0]["state"]["life_cycle_state"] == "RUNNING")
    with start(home) as workspace:
        recorded = workspace.get("/api/2.1/jobs/runs/get", run_id=run_id)
        assert recorded["state"]["life_cycle_state"] == "INTERNAL_ERROR"


def test_a_run_older_than_the_retention_is_deleted_with_its_logs(tmp_path):
    old = {
        "run_id": 1,
        "start_time": now_ms() - RETENTION_MS - 1,
        "state": {"life_cycle_state": "TERMINATED"},
    }
    recent = {"run_id": 2, "start_time": now_ms(), "state": {"life_cycle_state": "TERMINATED"}}
    for run in (old, recent):
        folder = tmp_path / str(run["run_id"])
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps({**run, "tasks": []}))
    records = RunRecords(tmp_path)

    assert list(records.runs) == [2]
    assert not (tmp_path / "1").exists()
    with pytest.raises(DatabricksError, match="Run '1' does not exist"):
        records.find(1)
