"""Pipelines: which files they are made of, their updates, and jobs that run them."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

PIPELINES = "/api/2.0/pipelines"
JOBS = "/api/2.2/jobs"
TARGET = {"catalog": "acme", "schema": "revenue"}
ROWS = "tables.append({'name': 'acme.revenue.t', 'rows': 5})\n"
DEADLINE_SECONDS = 30


def put(workspace: Any, path: str, source: str = "") -> None:
    """Put a file into the workspace."""
    content = base64.b64encode(source.encode()).decode()
    workspace.post(
        "/api/2.0/workspace/import", {"path": path, "content": content, "format": "RAW", "overwrite": True}
    )


def made(workspace: Any, source: str = "", **spec: Any) -> str:
    """Make a pipeline of one notebook, unless told otherwise; return its id."""
    workspace.notebook("/p/nb", source)
    libraries = [{"notebook": {"path": "/Workspace/p/nb"}}]
    body = {"name": "p", **TARGET, "libraries": libraries, **spec}
    return str(workspace.post(PIPELINES, body)["pipeline_id"])


def updated(workspace: Any, pipeline: str, **asked: Any) -> dict[str, Any]:
    """Update a pipeline and return the update when it has ended."""
    update = workspace.post(f"{PIPELINES}/{pipeline}/updates", asked)["update_id"]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        told: dict[str, Any] = workspace.get(f"{PIPELINES}/{pipeline}/updates/{update}")["update"]
        if told["state"] not in ("QUEUED", "RUNNING"):
            return told
    raise AssertionError(f"it does not end: {told}")


def messages(workspace: Any, pipeline: str) -> list[str]:
    """What a pipeline's events say, oldest first."""
    events = workspace.get(f"{PIPELINES}/{pipeline}/events")["events"]
    return [event["message"] for event in reversed(events)]


def running(workspace: Any, begun: Path) -> str:
    """A pipeline with an update that goes on for long."""
    pipeline = made(workspace, f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)")
    workspace.post(f"{PIPELINES}/{pipeline}/updates")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not begun.exists():
        assert time.monotonic() < deadline
        workspace.get(f"{PIPELINES}/{pipeline}")
    return pipeline


def test_an_update_tells_its_events_and_the_rows_of_each_dataset(workspace):
    pipeline = made(workspace, f"tell('Flow t is RUNNING.')\n{ROWS}")
    update = updated(workspace, pipeline)

    assert (update["state"], update["cause"]) == ("COMPLETED", "API_CALL")
    assert messages(workspace, pipeline) == [
        f"Update {update['update_id']} started.",
        "Flow t is RUNNING.",
        "acme.revenue.t has 5 rows.",
        f"Update {update['update_id']} is COMPLETED",
    ]
    assert workspace.get(f"{PIPELINES}/{pipeline}")["state"] == "IDLE"


def test_a_table_says_which_pipeline_made_it(workspace):
    workspace.post("/api/2.1/unity-catalog/catalogs", {"name": "acme"})
    workspace.post("/api/2.1/unity-catalog/schemas", {"name": "revenue", "catalog_name": "acme"})
    table = {"name": "t", "catalog_name": "acme", "schema_name": "revenue", "table_type": "EXTERNAL"}
    place = {"data_source_format": "DELTA", "storage_location": "/tmp/nowhere/acme/revenue/t", "columns": []}
    workspace.post("/api/2.1/unity-catalog/tables", {**table, **place})
    pipeline = made(workspace, ROWS)
    updated(workspace, pipeline)

    listed = "/api/2.1/unity-catalog/tables?catalog_name=acme&schema_name=revenue"
    assert [each["pipeline_id"] for each in workspace.get(listed)["tables"]] == [pipeline]


def test_what_fails_an_update_is_told(workspace):
    pipeline = made(workspace, "raise ValueError('no such trip')")
    update = updated(workspace, pipeline)

    assert update["state"] == "FAILED"
    assert messages(workspace, pipeline)[-1].endswith("is FAILED: ValueError: no such trip")
    assert workspace.get(f"{PIPELINES}/{pipeline}")["state"] == "FAILED"


def test_a_runner_that_dies_fails_the_update(workspace):
    pipeline = made(workspace, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    assert updated(workspace, pipeline)["state"] == "FAILED"
    assert messages(workspace, pipeline)[-1].endswith("the task's process was ended by SIGKILL")


def test_notebooks_files_and_globs_are_read_in_the_order_they_are_named(workspace):
    for path in ("/p/src/b.py", "/p/src/deep/a.sql", "/p/src/notes.md", "/p/one.py"):
        put(workspace, path)
    report = "tell(str([each['path'] for each in spec['sources']]))"
    put(workspace, "/p/last.py", f"{report}\ntell(str(spec['configuration']))")
    libraries = [
        {"file": {"path": "/Workspace/p/one.py"}},
        {"glob": {"include": "/Workspace/p/src/**"}},
        {"notebook": {"path": "/p/last"}},
    ]
    # The stand-in runs Python alone.
    pipeline = made(workspace, libraries=libraries, configuration={"a": "b"}, root_path="/Workspace/p")
    updated(workspace, pipeline)

    told = messages(workspace, pipeline)[1:-1]
    assert told == [str(["/p/one.py", "/p/src/b.py", "/p/src/deep/a.sql", "/p/last.py"]), "{'a': 'b'}"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"libraries": []}, "the pipeline has no notebook and no file in its libraries"),
        ({"libraries": [{"file": {"path": "/no.py"}}]}, "Cannot read the file /no.py: it is not in the"),
        (
            {"libraries": [{"glob": {"include": "/no/**"}}]},
            "no .py or .sql file in the workspace matches /no",
        ),
        ({"libraries": [{"jar": "x"}]}, "takes notebooks, files and globs as libraries, not jar"),
        ({"catalog": None}, "runs a pipeline that names its catalog and its schema"),
        ({"ingestion_definition": {"x": 1}}, "does not run a pipeline that ingests from outside"),
    ],
)
def test_a_pipeline_that_cannot_run_here_fails_its_update_and_says_why(workspace, spec, message):
    pipeline = made(workspace, **spec)

    assert updated(workspace, pipeline)["state"] == "FAILED"
    assert message in messages(workspace, pipeline)[-1]


def test_a_second_update_is_refused_until_the_first_is_stopped(workspace, tmp_path):
    pipeline = running(workspace, tmp_path / "begun")
    refused = workspace.post(f"{PIPELINES}/{pipeline}/updates", status=400)
    assert "An active update" in refused["message"]

    workspace.post(f"{PIPELINES}/{pipeline}/stop")
    update = workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]["update_id"]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while workspace.get(f"{PIPELINES}/{pipeline}/updates/{update}")["update"]["state"] != "CANCELED":
        assert time.monotonic() < deadline


def test_an_update_that_was_active_when_the_workspace_stopped_has_ended(home, start, tmp_path):
    with start(home) as workspace:
        pipeline = running(workspace, tmp_path / "begun")
    with start(home) as workspace:
        update = workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]
        assert update["state"] == "CANCELED"


def test_a_job_runs_a_pipeline_and_shows_its_datasets(workspace):
    pipeline = made(workspace, f"assert spec['full_refresh'] is True\nprint('seen')\n{ROWS}")
    task = {"task_key": "p", "pipeline_task": {"pipeline_id": pipeline, "full_refresh": True}}
    run = workspace.run(workspace.post(f"{JOBS}/create", {"name": "j", "tasks": [task]})["job_id"])

    assert run["state"]["result_state"] == "SUCCESS"
    output = workspace.output(run, "p")
    assert (output["tables"], output["logs"]) == ([{"name": "acme.revenue.t", "rows": 5}], "seen\n")
    assert workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]["cause"] == "JOB_TASK"


def test_a_job_fails_with_its_pipeline(workspace):
    pipeline = made(workspace, "raise ValueError('no such trip')")
    tasks = [
        {"task_key": "p", "pipeline_task": {"pipeline_id": pipeline}},
        {"task_key": "no", "pipeline_task": {"pipeline_id": "none"}},
    ]
    run = workspace.run(workspace.post(f"{JOBS}/create", {"name": "j", "tasks": tasks})["job_id"])

    errors = [workspace.output(run, key)["error"] for key in ("p", "no")]
    assert errors == ["ValueError: no such trip", "Pipeline 'none' does not exist."]


def test_cancelling_a_job_stops_the_update_of_its_pipeline(workspace, tmp_path):
    begun = tmp_path / "begun"
    source = f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)"
    task = {"task_key": "p", "pipeline_task": {"pipeline_id": made(workspace, source)}}
    job = workspace.post(f"{JOBS}/create", {"name": "j", "tasks": [task]})["job_id"]
    run_id = workspace.post(f"{JOBS}/run-now", {"job_id": job})["run_id"]
    workspace.until(run_id, lambda run: begun.exists())
    workspace.post(f"{JOBS}/runs/cancel", {"run_id": run_id})

    assert workspace.ended(run_id)["state"]["result_state"] == "CANCELED"
    deadline = time.monotonic() + DEADLINE_SECONDS
    pipeline = task["pipeline_task"]["pipeline_id"]
    while workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]["state"] != "CANCELED":
        assert time.monotonic() < deadline


def test_a_deleted_pipeline_leaves_no_files(workspace):
    pipeline = made(workspace, ROWS)
    updated(workspace, pipeline)
    folder = workspace.home.workspace / "pipelines" / pipeline
    assert json.loads(next(folder.glob("*.spec.json")).read_text())["storage"] == str(folder / "storage")
    workspace.delete(f"{PIPELINES}/{pipeline}")

    assert not folder.exists()
