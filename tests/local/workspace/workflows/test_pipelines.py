"""The API of pipelines: settings, events, deletion."""

import json

from tests.local.workspace.workflows.pipeline_helpers import (
    PIPELINES,
    ROWS,
    create_pipeline,
    event_messages,
    run_update,
)


def test_a_pipeline_keeps_its_settings(workspace):
    spec = {"name": "p", "catalog": "c", "serverless": True, "libraries": [{"glob": {"include": "/x/**"}}]}
    pipeline_id = workspace.post("/api/2.0/pipelines", spec)["pipeline_id"]
    path = f"/api/2.0/pipelines/{pipeline_id}"

    assert workspace.get(path)["spec"] == {"id": pipeline_id, **spec}
    workspace.put(path, {**spec, "id": pipeline_id, "serverless": False})
    assert workspace.get(path)["spec"]["serverless"] is False
    workspace.delete(path)
    workspace.get(path, status=404)


def test_a_pipeline_names_its_principal_and_its_last_change(workspace):
    pipeline_id = workspace.post(PIPELINES, {"name": "p"})["pipeline_id"]
    created = workspace.get(f"{PIPELINES}/{pipeline_id}")
    workspace.put(f"{PIPELINES}/{pipeline_id}", {"name": "p", "run_as": {"service_principal_name": "sp"}})
    changed = workspace.get(f"{PIPELINES}/{pipeline_id}")

    assert created["run_as_user_name"] == created["creator_user_name"]
    assert changed["run_as_user_name"] == "sp"
    assert 0 < created["last_modified"] <= changed["last_modified"]


def test_a_continuous_pipeline_is_running_without_an_update(workspace):
    """Terraform waits until a continuous pipeline runs."""
    pipeline_id = workspace.post(PIPELINES, {"name": "p", "continuous": True})["pipeline_id"]
    assert workspace.get(f"{PIPELINES}/{pipeline_id}")["state"] == "RUNNING"
    workspace.put(f"{PIPELINES}/{pipeline_id}", {"name": "p"})
    assert workspace.get(f"{PIPELINES}/{pipeline_id}")["state"] == "IDLE"


def test_the_events_of_an_update_have_the_rows_of_each_dataset(workspace):
    pipeline = create_pipeline(workspace, f"report('Flow t is RUNNING.')\n{ROWS}")
    update = run_update(workspace, pipeline)

    assert (update["state"], update["cause"]) == ("COMPLETED", "API_CALL")
    assert event_messages(workspace, pipeline) == [
        f"Update {update['update_id']} started.",
        "Flow t is RUNNING.",
        "acme.revenue.t has 5 rows.",
        f"Update {update['update_id']} is COMPLETED",
    ]
    assert workspace.get(f"{PIPELINES}/{pipeline}")["state"] == "IDLE"


def test_an_event_has_the_counts_of_expectations(workspace):
    quality = {"data_quality": {"expectations": [{"name": "paid", "failed_records": 2}]}}
    pipeline = create_pipeline(workspace, f"report('checked', details={{'flow_progress': {quality}}})")
    run_update(workspace, pipeline)

    events = workspace.get(f"{PIPELINES}/{pipeline}/events")["events"]
    assert [each["details"] for each in events if "details" in each] == [{"flow_progress": quality}]


def test_the_last_event_of_a_failed_update_has_the_error(workspace):
    pipeline = create_pipeline(workspace, "raise ValueError('no such trip')")
    update = run_update(workspace, pipeline)

    assert update["state"] == "FAILED"
    assert event_messages(workspace, pipeline)[-1].endswith("is FAILED: ValueError: no such trip")
    assert workspace.get(f"{PIPELINES}/{pipeline}")["state"] == "FAILED"


def test_a_deleted_pipeline_leaves_no_files(workspace):
    pipeline = create_pipeline(workspace, ROWS)
    run_update(workspace, pipeline)
    folder = workspace.home.workspace / "pipelines" / pipeline
    assert json.loads(next(folder.glob("*.spec.json")).read_text())["storage"] == str(folder / "storage")
    workspace.delete(f"{PIPELINES}/{pipeline}")

    assert not folder.exists()
