"""The offline provider does what recordings of the real provider show: requests, state and second plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from local.home import Home
from local.provider.api import Api
from local.provider.registry import RESOURCE_TYPES
from local.provider.schema import Schemas, read_schemas
from local.provider.servicer import Servicer
from local.workspace.app import create_app
from tests.support.terraform_core import TerraformCore

RECORDINGS = Path(__file__).parents[4] / "shared" / "data" / "provider-1.99.0-recordings.jsonl"
HOST = "http://127.0.0.1:1"


def recordings() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDINGS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return read_schemas(RESOURCE_TYPES, [])


class RecordingWorkspace:
    def __init__(self, http: TestClient) -> None:
        self.http = http
        self.requests: list[list[Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        headers = {"Authorization": request.headers["Authorization"], "Content-Type": "application/json"}
        answer = self.http.request(
            request.method, request.url.raw_path.decode(), content=request.content, headers=headers
        )
        if request.method != "GET":
            body = json.loads(request.content) if request.content else None
            path = request.url.raw_path.decode()
            self.requests.append([request.method, path, answer.status_code, body])
        return httpx2.Response(answer.status_code, content=answer.content)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingWorkspace]:
    home = Home(tmp_path_factory.mktemp("recordings"))
    with TestClient(create_app(home, HOST), base_url=HOST) as http:
        http.headers["Authorization"] = f"Bearer {home.token()}"
        recorder = RecordingWorkspace(http)
        recorder.token = home.token()
        yield recorder


@pytest.mark.parametrize("case", recordings(), ids=lambda case: case["case"])
def test_recording(case, workspace, schemas):
    workspace.requests.clear()
    api = Api(HOST, workspace.token, httpx2.MockTransport(workspace))
    core = TerraformCore(Servicer(api, schemas), schemas)
    try:
        core.apply(case["config"])
        requests = list(workspace.requests)
        state = json.loads(json.dumps(core.state))
        plan = core.plan(case["config"])
    finally:
        core.destroy()
    got = {a: {k: v for k, v in s.items() if v not in (None, [], {}, "")} for a, s in state.items()}
    import os

    if os.environ.get("DUMP"):
        print(json.dumps(requests))
        print(json.dumps(got))
    assert clean(requests) == clean(case["requests"])
    assert clean(got) == clean(case["state"])
    plan2 = {a: {"actions": x, "attributes": d} for a, (x, d) in plan.items()}
    assert clean(plan2) == clean(case["second_plan"])


def clean(value: Any) -> Any:
    text = json.dumps(value, sort_keys=True)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    text = text.replace('?"', '"').replace('"minilake-user"', '"root"')
    text = re.sub(r"/api/2.0/permissions/[^\"]*", lambda m: m[0].rpartition("/")[0], text)
    return json.loads(text, object_hook=masked)


VOLATILE = {
    "id",
    "created_at",
    "updated_at",
    "url",
    "job_id",
    "policy_id",
    "cluster_id",
    "instance_pool_id",
    "data_source_id",
    "jdbc_url",
    "odbc_params",
    "object_id",
    "experiment_id",
    "artifact_location",
    "creation_time",
    "last_update_time",
    "storage_location",
    "default_tags",
    "sql_endpoint_id",
    "cluster_policy_id",
    "last_modified",
}


def masked(o):
    return {k: "*" if k in VOLATILE else v for k, v in o.items()}
