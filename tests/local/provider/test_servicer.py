"""What reaches the state when the workspace, Terraform or the provider itself fails."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from local.provider import schema
from local.provider.api import Api
from local.provider.protocol import message
from local.provider.resources import RESOURCES
from local.provider.servicer import Servicer
from local.provider.values import decode, encode, whole

SCHEMAS = schema.read(RESOURCES, [])
JOB = "databricks_job"
CATALOG = "databricks_catalog"


@dataclass(frozen=True)
class Caller:
    """Terraform, which waits for the answer or has gone away."""

    active: bool = True

    def is_active(self) -> bool:
        """Whether it waits."""
        return self.active


class Answers:
    """A workspace that answers as told, by method and path; 404 else. Remembers what it was asked."""

    def __init__(self, **answers: Callable[[], httpx2.Response] | dict[str, Any]) -> None:
        self.answers: dict[str, Any] = answers
        self.asked: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        key = f"{request.method} {request.url.path}"
        self.asked.append(key)
        answer = self.answers.get(key, refusal(404, "RESOURCE_DOES_NOT_EXIST", "it is not there"))
        return answer() if callable(answer) else httpx2.Response(200, json=answer)


def refusal(status: int, code: str, text: str) -> Callable[[], httpx2.Response]:
    """An error as the API words it."""
    return lambda: httpx2.Response(status, json={"error_code": code, "message": text})


def call(workspace: Answers, method: str, request: Any, caller: Caller = Caller()) -> Any:
    """Ask the provider as Terraform does."""
    api = Api("http://127.0.0.1:1", "token", httpx2.MockTransport(workspace))
    return Servicer(api, SCHEMAS).methods()[method](request, caller)


def apply(workspace: Answers, kind: str, prior: Any, planned: Any, caller: Caller = Caller()) -> Any:
    """Apply one change."""
    states = (
        message("DynamicValue", msgpack=encode(one and whole(one, SCHEMAS.resources[kind])))
        for one in (prior, planned)
    )
    request = message(
        "ApplyResourceChange.Request", type_name=kind, prior_state=next(states), planned_state=next(states)
    )
    return call(workspace, "ApplyResourceChange", request, caller)


def errors(answer: Any) -> list[str]:
    """What Terraform would print, in short."""
    return [one.summary for one in answer.diagnostics if one.severity == 1]


def test_a_refused_creation_leaves_nothing_in_the_state() -> None:
    """The workspace's own words and the name of the thing reach the user."""
    workspace = Answers(
        **{
            "POST /api/2.1/unity-catalog/catalogs": refusal(
                409, "ALREADY_EXISTS", "Catalog 'c' already exists"
            )
        }
    )
    answer = apply(workspace, CATALOG, None, {"name": "c"})
    assert decode(answer.new_state.msgpack) is None
    assert errors(answer) == ["cannot create catalog c: Catalog 'c' already exists"]
    assert "409 ALREADY_EXISTS" in answer.diagnostics[0].detail


def test_what_was_made_is_in_the_state_although_the_rest_failed() -> None:
    """A catalog whose owner cannot be set exists: forgetting it would lose it."""
    workspace = Answers(
        **{
            "POST /api/2.1/unity-catalog/catalogs": {"name": "c"},
            "PATCH /api/2.1/unity-catalog/catalogs/c": refusal(403, "PERMISSION_DENIED", "no such owner"),
            "GET /api/2.1/unity-catalog/catalogs/c": {"name": "c", "owner": "me"},
        }
    )
    answer = apply(workspace, CATALOG, None, {"name": "c", "owner": "nobody"})
    assert decode(answer.new_state.msgpack)["id"] == "c"
    assert errors(answer) == ["cannot finish catalog c: no such owner"]


def test_what_was_made_is_in_the_state_although_it_cannot_be_read() -> None:
    """The id is enough for the next run to go on from."""
    workspace = Answers(
        **{
            "GET /api/2.2/jobs/list": {},
            "POST /api/2.2/jobs/create": {"job_id": 7},
            "GET /api/2.2/jobs/get": refusal(500, "INTERNAL_ERROR", "out of order"),
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"})
    assert decode(answer.new_state.msgpack)["id"] == "7"
    assert errors(answer) == ["cannot read job j: out of order"]


def test_a_defect_does_not_lose_what_was_made() -> None:
    """An answer that makes no sense is an error with the prior or the new state, never a broken call."""
    workspace = Answers(
        **{
            "GET /api/2.2/jobs/list": {},
            "POST /api/2.2/jobs/create": {"job_id": 7},
            "GET /api/2.2/jobs/get": {"settings": "nonsense"},
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"})
    assert decode(answer.new_state.msgpack)["id"] == "7"
    assert errors(answer) == ["the offline provider failed"]


def test_a_failed_change_keeps_the_prior_state() -> None:
    """The next plan shows the same change again."""
    workspace = Answers(**{"POST /api/2.2/jobs/reset": refusal(400, "INVALID_PARAMETER_VALUE", "bad cron")})
    answer = apply(workspace, JOB, {"id": "7", "name": "old"}, {"id": "7", "name": "new"})
    assert decode(answer.new_state.msgpack)["name"] == "old"
    assert errors(answer) == ["cannot change job old: bad cron"]


def test_a_failed_deletion_keeps_the_prior_state() -> None:
    """What could not be deleted is still known."""
    workspace = Answers(**{"POST /api/2.2/jobs/delete": refusal(403, "PERMISSION_DENIED", "not yours")})
    answer = apply(workspace, JOB, {"id": "7", "name": "j"}, None)
    assert decode(answer.new_state.msgpack)["id"] == "7"
    assert errors(answer) == ["cannot delete job j: not yours"]


def test_deleting_what_is_gone_is_fine() -> None:
    """There is nothing left to do."""
    answer = apply(Answers(), JOB, {"id": "7", "name": "j"}, None)
    assert decode(answer.new_state.msgpack) is None
    assert errors(answer) == []


def test_what_nobody_will_hear_of_is_taken_back() -> None:
    """Terraform was killed while a job was made: the job is deleted again."""
    workspace = Answers(
        **{
            "GET /api/2.2/jobs/list": {},
            "POST /api/2.2/jobs/create": {"job_id": 7},
            "GET /api/2.2/jobs/get": {"settings": {"name": "j"}},
            "POST /api/2.2/jobs/delete": {},
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"}, Caller(active=False))
    assert decode(answer.new_state.msgpack) is None
    assert workspace.asked[-1] == "POST /api/2.2/jobs/delete"


def test_grants_are_not_taken_back() -> None:
    """They are a setting of something else; the next run sets them again."""
    path = "/api/2.1/unity-catalog/permissions/catalog/c"
    workspace = Answers(**{f"GET {path}": {"privilege_assignments": []}, f"PATCH {path}": {}})
    grant = [{"principal": "p", "privileges": ["SELECT"]}]
    apply(workspace, "databricks_grants", None, {"catalog": "c", "grant": grant}, Caller(active=False))
    assert [one for one in workspace.asked if one.startswith("PATCH")] == [f"PATCH {path}"]


def test_what_may_have_been_there_before_is_not_taken_back() -> None:
    """To make a folder that exists is no error, and `force` takes over who exists: neither may be deleted."""
    mkdirs, status = "POST /api/2.0/workspace/mkdirs", "GET /api/2.0/workspace/get-status"
    workspace = Answers(**{mkdirs: {}, status: {"path": "/Shared"}})
    directory = {"path": "/Shared", "delete_recursive": True}
    apply(workspace, "databricks_directory", None, directory, Caller(active=False))
    assert workspace.asked == [mkdirs, status]

    users = "/api/2.0/preview/scim/v2/Users"
    taken = {
        f"POST {users}": refusal(409, "RESOURCE_ALREADY_EXISTS", "there"),
        f"GET {users}": {"Resources": [{"id": "1", "userName": "u"}]},
        f"PATCH {users}/1": {},
        f"GET {users}/1": {"id": "1", "userName": "u"},
    }
    workspace = Answers(**taken)
    answer = apply(
        workspace, "databricks_user", None, {"user_name": "u", "force": True}, Caller(active=False)
    )
    assert decode(answer.new_state.msgpack)["id"] == "1"
    assert workspace.asked == list(taken)


def test_a_namesake_is_named() -> None:
    """Jobs may share a name, so a second one is made, and the first one's id is said."""
    workspace = Answers(
        **{
            "GET /api/2.2/jobs/list": {"jobs": [{"job_id": 3, "settings": {"name": "j"}}]},
            "POST /api/2.2/jobs/create": {"job_id": 7},
            "GET /api/2.2/jobs/get": {"settings": {"name": "j"}},
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"})
    (warning,) = answer.diagnostics
    assert (warning.severity, warning.summary) == (2, "job j has a namesake")
    assert warning.detail.endswith(": 3.")


def test_a_workspace_that_is_down_is_said_to_be_down() -> None:
    """The state stays, and the error names the address."""

    def down() -> httpx2.Response:
        raise httpx2.ConnectError("connection refused")

    state = whole({"id": "7", "name": "j"}, SCHEMAS.resources[JOB])
    current = message("DynamicValue", msgpack=encode(state))
    request = message("ReadResource.Request", type_name=JOB, current_state=current)
    answer = call(Answers(**{"GET /api/2.2/jobs/get": down}), "ReadResource", request)
    assert decode(answer.new_state.msgpack) == state
    assert errors(answer) == [
        "cannot read job j: no answer from the local workspace at http://127.0.0.1:1: connection refused"
    ]


def test_state_of_another_version_is_taken_over() -> None:
    """Attributes that are no longer there are dropped, new ones are null."""
    raw = message("RawState", json=json.dumps({"id": "7", "name": "j", "old_attribute": 1}).encode())
    request = message("UpgradeResourceState.Request", type_name=JOB, version=1, raw_state=raw)
    upgraded = decode(call(Answers(), "UpgradeResourceState", request).upgraded_state.msgpack)
    assert upgraded == whole({"id": "7", "name": "j"}, SCHEMAS.resources[JOB])


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        ({}, False),
        ({"host": "http://127.0.0.1:1"}, False),
        ({"host": "http://localhost:1/"}, False),
        ({"host": "http://127.0.0.1:2"}, True),
        ({"host": "https://dbc.example.com"}, True),
        ({"profile": "prod"}, True),
    ],
)
def test_only_this_workspace_is_served(config: dict[str, str], refused: bool) -> None:
    """A provider block that means another workspace is refused, before anything is asked of it."""
    packed = message("DynamicValue", msgpack=encode(whole(config, SCHEMAS.provider)))
    for method in ("ValidateProviderConfig", "ConfigureProvider"):
        answer = call(Answers(), method, message(f"{method}.Request", config=packed))
        assert bool(errors(answer)) is refused
