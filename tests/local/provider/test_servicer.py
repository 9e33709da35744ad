"""The new state when the workspace, Terraform or the provider fails."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from local.provider import schema
from local.provider.protocol import message
from local.provider.registry import RESOURCE_TYPES
from local.provider.servicer import Servicer
from local.provider.values import conform_to_schema, decode, encode
from tests.support.rest_api import FakeRestApi, error_response

SCHEMAS = schema.read_schemas(RESOURCE_TYPES, [])
JOB = "databricks_job"
CATALOG = "databricks_catalog"


@dataclass(frozen=True)
class Caller:
    """Terraform, which waits for the answer or has ended."""

    active: bool = True

    def is_active(self) -> bool:
        """Return whether Terraform still waits."""
        return self.active


def call(workspace: FakeRestApi, method: str, request: Any, caller: Caller = Caller()) -> Any:
    """Call a method of the provider."""
    return Servicer(workspace.api(), SCHEMAS).methods()[method](request, caller)


def apply(workspace: FakeRestApi, kind: str, prior: Any, planned: Any, caller: Caller = Caller()) -> Any:
    """Apply one planned change."""
    states = (
        message("DynamicValue", msgpack=encode(state and conform_to_schema(state, SCHEMAS.resources[kind])))
        for state in (prior, planned)
    )
    request = message(
        "ApplyResourceChange.Request", type_name=kind, prior_state=next(states), planned_state=next(states)
    )
    return call(workspace, "ApplyResourceChange", request, caller)


def errors(answer: Any) -> list[str]:
    """Return the summaries of the errors."""
    return [diagnostic.summary for diagnostic in answer.diagnostics if diagnostic.severity == 1]


def test_a_refused_creation_leaves_nothing_in_the_state() -> None:
    """The error holds the name of the object and the message of the workspace."""
    workspace = FakeRestApi(
        {
            "POST /api/2.1/unity-catalog/catalogs": error_response(
                409, "ALREADY_EXISTS", "Catalog 'c' already exists"
            )
        }
    )
    answer = apply(workspace, CATALOG, None, {"name": "c"})
    assert decode(answer.new_state.msgpack) is None
    assert errors(answer) == ["cannot create catalog c: Catalog 'c' already exists"]
    assert "409 ALREADY_EXISTS" in answer.diagnostics[0].detail


def test_an_object_is_in_the_state_if_a_later_step_fails() -> None:
    """A catalog whose owner cannot be set exists and must not be orphaned."""
    workspace = FakeRestApi(
        {
            "POST /api/2.1/unity-catalog/catalogs": {"name": "c"},
            "PATCH /api/2.1/unity-catalog/catalogs/c": error_response(
                403, "PERMISSION_DENIED", "no such owner"
            ),
            "GET /api/2.1/unity-catalog/catalogs/c": {"name": "c", "owner": "me"},
        }
    )
    answer = apply(workspace, CATALOG, None, {"name": "c", "owner": "nobody"})
    assert decode(answer.new_state.msgpack)["id"] == "c"
    assert errors(answer) == ["cannot finish catalog c: no such owner"]


def test_an_object_is_in_the_state_if_it_cannot_be_read() -> None:
    """The next run continues from the id."""
    workspace = FakeRestApi(
        {
            "GET /api/2.2/jobs/list": {},
            "POST /api/2.0/jobs/create": {"job_id": 7},
            "GET /api/2.0/jobs/get": error_response(500, "INTERNAL_ERROR", "out of order"),
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"})
    assert decode(answer.new_state.msgpack)["id"] == "7"
    assert errors(answer) == ["cannot read job j: out of order"]


def test_a_bug_does_not_lose_a_created_object() -> None:
    """An unexpected answer is a diagnostic, not a failed call."""
    workspace = FakeRestApi(
        {
            "GET /api/2.2/jobs/list": {},
            "POST /api/2.0/jobs/create": {"job_id": 7},
            "GET /api/2.0/jobs/get": {"settings": "nonsense"},
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"})
    assert decode(answer.new_state.msgpack)["id"] == "7"
    assert errors(answer) == ["the offline provider failed"]


def test_a_failed_change_is_in_the_state_until_the_next_refresh() -> None:
    """As the SDK of the real provider does it."""
    workspace = FakeRestApi(
        {"POST /api/2.0/jobs/reset": error_response(400, "INVALID_PARAMETER_VALUE", "bad cron")}
    )
    answer = apply(workspace, JOB, {"id": "7", "name": "old"}, {"id": "7", "name": "new"})
    state = decode(answer.new_state.msgpack)
    assert (state["id"], state["name"]) == ("7", "new")
    assert errors(answer) == ["cannot change job old: bad cron"]


def test_a_configuration_that_the_provider_refuses_is_an_error_before_anything_is_sent() -> None:
    workspace = FakeRestApi({})
    config = conform_to_schema(
        {"name": "j", "always_running": True, "max_concurrent_runs": 2}, SCHEMAS.resources[JOB]
    )
    value = message("DynamicValue", msgpack=encode(config))
    paused = conform_to_schema({"schedule": [{"pause_status": "paused"}]}, SCHEMAS.resources[JOB])
    request = message(
        "ValidateResourceConfig.Request",
        type_name=JOB,
        config=message("DynamicValue", msgpack=encode(paused)),
    )
    answer = call(workspace, "ValidateResourceConfig", request)
    assert [each.detail for each in answer.diagnostics] == [
        "schedule.pause_status is `paused` (one of PAUSED, UNPAUSED)"
    ]
    assert answer.diagnostics[0].attribute.steps[0].attribute_name == "schedule"
    request = message("PlanResourceChange.Request", type_name=JOB, proposed_new_state=value, config=value)
    answer = call(workspace, "PlanResourceChange", request)
    assert [each.detail for each in answer.diagnostics] == ["always_running needs max_concurrent_runs = 1"]
    assert workspace.calls == []


def test_a_failed_deletion_keeps_the_prior_state() -> None:
    """The object stays in the state."""
    workspace = FakeRestApi(
        {"POST /api/2.2/jobs/delete": error_response(403, "PERMISSION_DENIED", "not yours")}
    )
    answer = apply(workspace, JOB, {"id": "7", "name": "j"}, None)
    assert decode(answer.new_state.msgpack)["id"] == "7"
    assert errors(answer) == ["cannot delete job j: not yours"]


def test_deleting_a_missing_object_is_no_error() -> None:
    """The state is empty afterwards."""
    answer = apply(FakeRestApi({}), JOB, {"id": "7", "name": "j"}, None)
    assert decode(answer.new_state.msgpack) is None
    assert errors(answer) == []


def test_an_object_that_would_never_reach_the_state_is_deleted_again() -> None:
    """Terraform was killed during the creation of a job: the job is deleted."""
    workspace = FakeRestApi(
        {
            "GET /api/2.2/jobs/list": {},
            "POST /api/2.0/jobs/create": {"job_id": 7},
            "GET /api/2.0/jobs/get": {"settings": {"name": "j"}},
            "POST /api/2.2/jobs/delete": {},
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"}, Caller(active=False))
    assert decode(answer.new_state.msgpack) is None
    assert workspace.calls[-1] == "POST /api/2.2/jobs/delete"


def test_grants_are_not_rolled_back() -> None:
    """They are a setting of another object; the next run sets them again."""
    path = "/api/2.1/unity-catalog/permissions/catalog/c"
    workspace = FakeRestApi({f"GET {path}": {"privilege_assignments": []}, f"PATCH {path}": {}})
    grant = [{"principal": "p", "privileges": ["SELECT"]}]
    apply(workspace, "databricks_grants", None, {"catalog": "c", "grant": grant}, Caller(active=False))
    assert [call for call in workspace.calls if call.startswith("PATCH")] == [f"PATCH {path}"]


def test_an_object_that_may_have_existed_before_is_not_rolled_back() -> None:
    """Creating an existing folder is no error, and `force` adopts an existing user: neither is deleted."""
    mkdirs, status = "POST /api/2.0/workspace/mkdirs", "GET /api/2.0/workspace/get-status"
    workspace = FakeRestApi({mkdirs: {}, status: {"path": "/Shared"}})
    directory = {"path": "/Shared", "delete_recursive": True}
    apply(workspace, "databricks_directory", None, directory, Caller(active=False))
    assert workspace.calls == [mkdirs, status]

    users = "/api/2.0/preview/scim/v2/Users"
    answers = {
        f"POST {users}": error_response(409, "RESOURCE_ALREADY_EXISTS", "there"),
        f"GET {users}": {"Resources": [{"id": "1", "userName": "u"}]},
        f"GET {users}/1": {"id": "1", "userName": "u"},
        f"PUT {users}/1": {},
    }
    workspace = FakeRestApi(answers)
    answer = apply(
        workspace, "databricks_user", None, {"user_name": "u", "force": True}, Caller(active=False)
    )
    assert decode(answer.new_state.msgpack)["id"] == "1"
    assert workspace.calls == [*answers, f"GET {users}/1"]


def test_a_job_of_the_same_name_is_reported() -> None:
    """Names of jobs need not be unique: the job is created, and the warning holds the id of the other job."""
    workspace = FakeRestApi(
        {
            "GET /api/2.2/jobs/list": {"jobs": [{"job_id": 3, "settings": {"name": "j"}}]},
            "POST /api/2.0/jobs/create": {"job_id": 7},
            "GET /api/2.0/jobs/get": {"settings": {"name": "j"}},
        }
    )
    answer = apply(workspace, JOB, None, {"name": "j"})
    (warning,) = answer.diagnostics
    assert (warning.severity, warning.summary) == (2, "job j is not unique")
    assert warning.detail.endswith(": 3.")


def test_an_unreachable_workspace_is_reported() -> None:
    """The state stays unchanged, and the error holds the address."""

    def down() -> httpx2.Response:
        raise httpx2.ConnectError("connection refused")

    state = conform_to_schema({"id": "7", "name": "j"}, SCHEMAS.resources[JOB])
    current = message("DynamicValue", msgpack=encode(state))
    request = message("ReadResource.Request", type_name=JOB, current_state=current)
    answer = call(FakeRestApi({"GET /api/2.0/jobs/get": down}), "ReadResource", request)
    assert decode(answer.new_state.msgpack) == state
    assert errors(answer) == [
        "cannot read job j: no answer from the local workspace at http://127.0.0.1:1: connection refused"
    ]


def test_state_of_another_schema_version_is_upgraded() -> None:
    """Removed attributes are dropped, new attributes are null."""
    raw = message("RawState", json=json.dumps({"id": "7", "name": "j", "old_attribute": 1}).encode())
    request = message("UpgradeResourceState.Request", type_name=JOB, version=1, raw_state=raw)
    upgraded = decode(call(FakeRestApi({}), "UpgradeResourceState", request).upgraded_state.msgpack)
    assert upgraded == conform_to_schema({"id": "7", "name": "j"}, SCHEMAS.resources[JOB])


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
    """A provider block that selects another workspace is refused without a request to the workspace."""
    packed = message("DynamicValue", msgpack=encode(conform_to_schema(config, SCHEMAS.provider)))
    for method in ("ValidateProviderConfig", "ConfigureProvider"):
        answer = call(FakeRestApi({}), method, message(f"{method}.Request", config=packed))
        assert bool(errors(answer)) is refused
