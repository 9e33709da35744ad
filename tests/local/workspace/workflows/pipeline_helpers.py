"""Helpers for tests of pipelines."""

import time
from pathlib import Path
from typing import Any

from tests.local.workspace.conftest import PAUSE_SECONDS

PIPELINES = "/api/2.0/pipelines"
TARGET = {"catalog": "acme", "schema": "revenue"}
ROWS = "tables.append({'name': 'acme.revenue.t', 'rows': 5})\n"
DEADLINE_SECONDS = 30


def create_pipeline(workspace: Any, source: str = "", **spec: Any) -> str:
    """Create a pipeline, by default of one notebook; return its id."""
    workspace.import_notebook("/p/nb", source)
    libraries = [{"notebook": {"path": "/Workspace/p/nb"}}]
    body = {"name": "p", **TARGET, "libraries": libraries, **spec}
    return str(workspace.post(PIPELINES, body)["pipeline_id"])


def run_update(workspace: Any, pipeline: str, **options: Any) -> dict[str, Any]:
    """Run an update of a pipeline; return the update when it has ended."""
    update = workspace.post(f"{PIPELINES}/{pipeline}/updates", options)["update_id"]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        record: dict[str, Any] = workspace.get(f"{PIPELINES}/{pipeline}/updates/{update}")["update"]
        if record["state"] not in ("QUEUED", "RUNNING"):
            return record
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"the update does not end: {record}")


def event_messages(workspace: Any, pipeline: str) -> list[str]:
    """The messages of a pipeline's events, oldest first."""
    events = workspace.get(f"{PIPELINES}/{pipeline}/events")["events"]
    return [event["message"] for event in reversed(events)]


def start_long_update(workspace: Any, begun: Path) -> str:
    """Start an update that runs for a minute; return the pipeline."""
    pipeline = create_pipeline(
        workspace, f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)"
    )
    workspace.post(f"{PIPELINES}/{pipeline}/updates")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not begun.exists():
        assert time.monotonic() < deadline
        workspace.get(f"{PIPELINES}/{pipeline}")
        time.sleep(PAUSE_SECONDS)
    return pipeline
