"""Pipelines and their updates, as the SDK returns them, as evidence."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from databricks.sdk.service.pipelines import GetPipelineResponse, GetUpdateResponse, ListUpdatesResponse

from mesh.workshop.course.evidence import Job, Run, RunState
from mesh.workshop.course.pipelines import PipelineUpdates, flow_of, pipeline_job

MOMENT = 1_700_000_000_000
THEN = datetime.fromtimestamp(MOMENT / 1000, UTC)
FLOW = "acme/transport/taxinyc/prep/dltrevenue"
FOLDER = "/Workspace/orgs/acme/domains/transport/projects/taxinyc/flows/prep/dltrevenue"


def pipeline(*libraries: dict[str, Any], **more: Any) -> Job | None:
    """A pipeline as the API returns it, as evidence."""
    spec = {"libraries": list(libraries), "catalog": "c", "schema": "s", "tags": {"deployment": "prod"}}
    response = {"pipeline_id": "p", "creator_user_name": "Ada@acme.example", "last_modified": MOMENT, "spec": spec}
    return pipeline_job(GetPipelineResponse.from_dict({**response, **more}))


def test_a_pipeline_belongs_to_the_flow_of_its_sources() -> None:
    expected = Job("p", FLOW, THEN, "ada@acme.example", "sp", {"deployment": "prod"}, "c.s")
    notebook, file = {"notebook": {"path": f"{FOLDER}/trips"}}, {"file": {"path": f"{FOLDER}/trips.py"}}
    other = {"notebook": {"path": "/Users/ada/trips"}}

    assert pipeline(other, notebook, run_as_user_name="sp") == expected
    assert pipeline({"maven": {"coordinates": "a:b:1"}}, file, run_as_user_name="sp") == expected
    assert pipeline(other) is None
    assert pipeline() is None
    assert pipeline_job(GetPipelineResponse(pipeline_id="p")) is None


def test_a_pipeline_without_its_own_principal_runs_as_its_creator() -> None:
    read = pipeline({"notebook": {"path": f"{FOLDER}/trips"}})

    assert read is not None
    assert read.run_as == "ada@acme.example"


@pytest.mark.parametrize(
    ("path", "flow"),
    [
        (f"{FOLDER}/trips", FLOW),
        ("orgs/a/domains/b/projects/c/flows/ml/model/training/train", "a/b/c/ml/model/training"),
        ("/Users/ada/trips", None),
    ],
)
def test_a_file_of_the_workspace_is_in_the_folder_of_a_flow(path: str, flow: str | None) -> None:
    assert flow_of(path) == flow


class Client:
    """A workspace with updates, which counts requests."""

    def __init__(self, *states: str) -> None:
        self.states = states
        self.requests: Counter[str] = Counter()
        self.pipelines = self

    def list_updates(self, pipeline_id: str, max_results: int, page_token: str | None) -> ListUpdatesResponse:
        self.requests["list"] += 1
        assert max_results <= 100
        start = int(page_token or 0)
        end = start + max_results
        updates = [
            {"update_id": f"u{number}", "state": state, "creation_time": MOMENT}
            for number, state in enumerate(self.states)
        ]
        more = {"next_page_token": str(end)} if updates[end:] else {}
        return ListUpdatesResponse.from_dict({"updates": updates[start:end], **more})

    def get_update(self, pipeline_id: str, update_id: str) -> GetUpdateResponse:
        self.requests[update_id] += 1
        settings = {"configuration": {"git_commit": f"commit of {update_id}"}}
        return GetUpdateResponse.from_dict({"update": {"update_id": update_id, "config": settings}})


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("COMPLETED", "succeeded"),
        ("FAILED", "failed"),
        ("CANCELED", "cancelled"),
        ("QUEUED", "running"),
        ("WAITING_FOR_RESOURCES", "running"),
        ("STOPPING", "running"),
    ],
)
def test_an_update_has_one_of_four_states(state: str, expected: RunState) -> None:
    client: Any = Client(state)

    assert PipelineUpdates(client).read("p", 25) == [Run(THEN, "", expected, commit="commit of u0")]


def test_the_commit_of_an_update_is_read_once() -> None:
    """The settings of an update do not change; the list of updates does not contain them."""
    client: Any = Client("RUNNING", "COMPLETED", "COMPLETED")
    updates = PipelineUpdates(client)

    assert [run.commit for run in updates.read("p", 2)] == ["commit of u0", "commit of u1"]
    assert len(updates.read("p", 2000)) == 3

    assert client.requests == {"list": 2, "u0": 1, "u1": 1, "u2": 1}


@pytest.mark.parametrize(("most", "requests"), [(100, 1), (101, 2), (2000, 3)])
def test_updates_beyond_the_first_page_are_read(most: int, requests: int) -> None:
    client: Any = Client(*["COMPLETED"] * 250)

    assert len(PipelineUpdates(client).read("p", most)) == min(most, 250)
    assert client.requests["list"] == requests


def test_a_pipeline_without_updates_and_an_update_without_settings_are_read() -> None:
    client: Any = Client("COMPLETED")
    client.get_update = lambda *_: GetUpdateResponse()

    assert [run.commit for run in PipelineUpdates(client).read("p", 25)] == [None]
    client.list_updates = lambda *_, **__: SimpleNamespace(updates=None, next_page_token=None)
    assert PipelineUpdates(client).read("p", 25) == []
