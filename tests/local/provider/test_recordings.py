"""The offline provider does what recordings of the real provider show: requests, state and second plan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from local.home import Home
from local.provider.api import Api
from local.provider.registry import RESOURCE_TYPES
from local.provider.schema import read_schemas
from local.provider.servicer import Servicer
from local.workspace.app import create_app
from mesh.toolkit import CDKTF
from tests.support.terraform_core import TerraformCore

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "provider-1.99.0-recordings.jsonl"
SCHEMAS = read_schemas(RESOURCE_TYPES, [], of=CDKTF)  # those of the recorded provider
HOST = "http://127.0.0.1:1"
# Whoever made the recordings, and the user of a workspace in a test.
THEIR_USER, OUR_USER = "root", "minilake-user"

# Attributes that the workspace chooses: ids, times, places.
CHOSEN = frozenset(
    {
        "artifact_location",
        "cluster_id",
        "cluster_policy_id",
        "created_at",
        "creation_time",
        "data_source_id",
        "default_tags",
        "experiment_id",
        "id",
        "instance_pool_id",
        "jdbc_url",
        "job_id",
        "last_modified",
        "last_update_time",
        "object_id",
        "odbc_params",
        "policy_id",
        "sql_endpoint_id",
        "storage_location",
        "updated_at",
        "url",
    }
)


def _lower_case_catalog(recorded: str) -> str:
    """Unity Catalog keeps names in lower case; the workspace of the recordings did not."""
    kept = recorded.replace("schemas/Rec.default", "schemas/rec.default")
    return kept.replace('"full_name": "Rec"', '"full_name": "rec"').replace(
        '"name": "Rec", "owner"', '"name": "rec", "owner"'
    )


def _lower_case_user(recorded: str) -> str:
    """Databricks keeps user names in lower case, and shows them; the workspace of the recordings did not."""
    kept = recorded.replace('/Ola.Nordmann@x.no"', '/ola.nordmann@x.no"')
    kept = kept.replace('"user_name": "Ola.Nordmann@x.no"', '"user_name": "ola.nordmann@x.no"')
    return kept.replace('"home": ', '"display_name": "ola.nordmann@x.no", "home": ')


def _application_id(recorded: str) -> str:
    """Databricks always returns the application id; the workspace of the recordings left it out."""
    kept = re.sub('"(servicePrincipals|/Users|/Repos)/"', r'"\1/UUID"', recorded)
    return kept.replace(
        '"allow_instance_pool_create": false, "databricks_sql',
        ('"allow_instance_pool_create": false, "application_id": "UUID", "databricks_sql'),
    )


# Recordings whose workspace answered otherwise than Databricks does, and than ours does now.
OTHER_ANSWERS: dict[str, Callable[[str], str]] = {
    "catalog_upper": _lower_case_catalog,
    "group_member": _lower_case_user,
    "service_principal": _application_id,
}


def recordings() -> list[dict[str, Any]]:
    """Return the recordings, each with `case`, `config`, `requests`, `state` and `second_plan`."""
    return [json.loads(line) for line in RECORDINGS.read_text("utf-8").splitlines()]


class RecordedWorkspace:
    """A workspace in this process that notes every request but reads."""

    def __init__(self, http: TestClient, token: str) -> None:
        self.requests: list[list[Any]] = []
        self.api = Api(HOST, token, httpx2.MockTransport(self._answer))
        self._http = http

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.raw_path.decode()
        headers = {"Authorization": request.headers["Authorization"], "Content-Type": "application/json"}
        answer = self._http.request(request.method, path, content=request.content, headers=headers)
        if request.method != "GET":
            body = json.loads(request.content) if request.content else None
            self.requests.append([request.method, path, answer.status_code, body])
        return httpx2.Response(answer.status_code, content=answer.content)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedWorkspace]:
    """One workspace for all recordings: each destroys what it created."""
    home = Home(tmp_path_factory.mktemp("recordings"))
    with TestClient(create_app(home), base_url=HOST) as http:
        yield RecordedWorkspace(http, home.token())


@pytest.mark.parametrize("recorded", recordings(), ids=lambda recorded: recorded["case"])
def test_a_recording_is_reproduced(recorded: dict[str, Any], workspace: RecordedWorkspace) -> None:
    workspace.requests.clear()
    core = TerraformCore(Servicer(workspace.api, SCHEMAS), SCHEMAS)
    try:
        core.apply(recorded["config"])
        requests, state = list(workspace.requests), json.loads(json.dumps(core.state))
        plan = core.plan(recorded["config"])
    finally:
        core.destroy()
    set_values = {
        address: {name: value for name, value in values.items() if value not in (None, [], {}, "")}
        for address, values in state.items()
    }
    changes = {address: {"actions": actions, "attributes": each} for address, (actions, each) in plan.items()}
    expected = OTHER_ANSWERS.get(recorded["case"], str)
    for ours, theirs in (
        (requests, recorded["requests"]),
        (set_values, recorded["state"]),
        (changes, recorded["second_plan"]),
    ):
        assert comparable(ours) == json.loads(expected(json.dumps(comparable(theirs), sort_keys=True)))
    assert core.state == {}


def comparable(value: Any) -> Any:
    """Return a value without ids, times and the name of the user."""
    text = json.dumps(value, sort_keys=True)
    text = re.sub("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"(/api/2.0/permissions/[a-z/-]*/)\w+", r"\1ID", text)
    text = text.replace('?"', '"').replace(f'"{OUR_USER}"', f'"{THEIR_USER}"')
    hidden: Any = json.loads(
        text,
        object_hook=lambda each: {name: "*" if name in CHOSEN else inner for name, inner in each.items()},
    )
    return hidden
