"""Updates of pipelines: one at a time, their process, their tables."""

import time

from tests.local.test_packages import wheel
from tests.local.workspace.workflows.pipeline_helpers import (
    DEADLINE_SECONDS,
    PIPELINES,
    ROWS,
    create_pipeline,
    event_messages,
    run_update,
    start_long_update,
)


def test_a_table_has_the_id_of_the_pipeline_that_wrote_it(workspace):
    workspace.post("/api/2.1/unity-catalog/catalogs", {"name": "acme"})
    workspace.post("/api/2.1/unity-catalog/schemas", {"name": "revenue", "catalog_name": "acme"})
    table = {"name": "t", "catalog_name": "acme", "schema_name": "revenue", "table_type": "EXTERNAL"}
    fields = {"data_source_format": "DELTA", "storage_location": "/tmp/nowhere/acme/revenue/t", "columns": []}
    workspace.post("/api/2.1/unity-catalog/tables", {**table, **fields})
    pipeline = create_pipeline(workspace, ROWS)
    run_update(workspace, pipeline)

    listed = "/api/2.1/unity-catalog/tables?catalog_name=acme&schema_name=revenue"
    assert [each["pipeline_id"] for each in workspace.get(listed)["tables"]] == [pipeline]


def test_an_update_fails_if_its_process_dies(workspace):
    pipeline = create_pipeline(workspace, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    assert run_update(workspace, pipeline)["state"] == "FAILED"
    assert event_messages(workspace, pipeline)[-1].endswith("the task's process was ended by SIGKILL")


def test_a_pipeline_imports_the_packages_of_its_environment(workspace):
    file = wheel(workspace.home.files / "b")
    environment = {"dependencies": [f"/Workspace/b/{file.name}"]}
    source = "import parcels; report(f'size {parcels.size}')"
    pipeline = create_pipeline(workspace, source, environment=environment)
    run_update(workspace, pipeline)
    assert "size 3" in event_messages(workspace, pipeline)

    environment = {"dependencies": ["/Volumes/c/s/v/x.whl"]}
    pipeline = create_pipeline(workspace, source, environment=environment, name="other")
    run_update(workspace, pipeline)
    assert "installs files of the workspace, not /Volumes" in event_messages(workspace, pipeline)[-1]


def test_a_full_refresh_that_a_task_asks_for_reaches_the_process(workspace):
    """The task is the one that `mesh local run --full-refresh` submits."""
    pipeline = create_pipeline(workspace, "report(f'full refresh: {spec[\"full_refresh\"]}')")
    task = {"task_key": "p", "pipeline_task": {"pipeline_id": pipeline, "full_refresh": True}}
    run = workspace.post("/api/2.1/jobs/runs/submit", {"run_name": "p", "tasks": [task]})["run_id"]
    assert workspace.wait_for_end(run)["state"]["result_state"] == "SUCCESS"
    run_update(workspace, pipeline)

    told = [message for message in event_messages(workspace, pipeline) if "full refresh" in message]
    assert sorted(told) == ["full refresh: True", "full refresh: []"]
    updates = workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"]
    assert [update["full_refresh"] for update in updates] == [False, True]


def test_a_second_update_is_refused_until_the_first_is_stopped(workspace, tmp_path):
    pipeline = start_long_update(workspace, tmp_path / "begun")
    refused = workspace.post(f"{PIPELINES}/{pipeline}/updates", status=400)
    assert "An active update" in refused["message"]

    workspace.post(f"{PIPELINES}/{pipeline}/stop")
    update = workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]["update_id"]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while workspace.get(f"{PIPELINES}/{pipeline}/updates/{update}")["update"]["state"] != "CANCELED":
        assert time.monotonic() < deadline


def test_an_update_that_is_active_when_the_workspace_stops_is_canceled(home, start, tmp_path):
    with start(home) as workspace:
        pipeline = start_long_update(workspace, tmp_path / "begun")
    with start(home) as workspace:
        update = workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]
        assert update["state"] == "CANCELED"
