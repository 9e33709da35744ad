"""Existing objects, contents, grants and uses of a Databricks workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace as Object
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied

from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY, WORKSHOP_PROPERTY
from mesh.terraform.workspace import DatabricksWorkspace, ExistingObject


def workspace(**services: Any) -> DatabricksWorkspace:
    """A workspace with a client of these services."""
    connected = object.__new__(DatabricksWorkspace)  # without its client, which would connect
    connected._client, connected._lists, connected._user = Object(**services), {}, None
    return connected


def fail(error: Exception) -> Any:
    raise error


def test_an_object_carries_its_deployment_and_its_people() -> None:
    schema = Object(
        full_name="acme.revenue",
        properties={DEPLOYMENT_PROPERTY: "acme/transport/taxinyc/prod"},
        created_by="ola@acme.example",
        owner="taxi-team",
    )

    assert workspace(schemas=Object(get=lambda name: schema)).find("databricks_schema", "acme.revenue") == [
        ExistingObject(
            "acme.revenue", "acme/transport/taxinyc/prod", frozenset({"ola@acme.example", "taxi-team"})
        )
    ]


def test_a_missing_object_is_no_error_but_a_refusal_is() -> None:
    missing = workspace(schemas=Object(get=lambda name: fail(NotFound("no"))))
    refused = workspace(schemas=Object(get=lambda name: fail(PermissionDenied("no"))))

    assert missing.find("databricks_schema", "acme.revenue") == []
    with pytest.raises(OutsideError, match="refuses: no"):
        refused.find("databricks_schema", "acme.revenue")


def test_types_that_can_only_be_listed_are_listed_once() -> None:
    lists: list[int] = []

    def pipelines() -> list[Object]:
        lists.append(1)
        return [Object(pipeline_id="1", name="a"), Object(pipeline_id="2", name="b")]

    there = workspace(pipelines=Object(list_pipelines=pipelines))

    assert [one.id for one in there.find("databricks_pipeline", "b")] == ["2"]
    assert [one.id for one in there.find("databricks_pipeline", "a")] == ["1"]
    assert lists == [1]


def test_grants_of_a_missing_securable_are_empty() -> None:
    api = Object(do=lambda method, path: fail(NotFound("no")))

    assert workspace(api_client=api).granted("catalog", "acme") == {}


def test_a_job_was_used_when_it_was_created_or_run_last() -> None:
    jobs = Object(
        get=lambda id: Object(created_time=1_000),
        list_runs=lambda **_: iter([Object(start_time=5_000)]),
    )

    assert workspace(jobs=jobs).used("7") == datetime.fromtimestamp(5, UTC)
    assert workspace(jobs=Object(get=lambda id: fail(NotFound("no")))).used("7") is None


def test_an_answer_of_the_api_is_returned_whole_and_a_missing_object_is_none() -> None:
    def do(method: str, path: str, query: dict[str, str]) -> Any:
        assert (method, query) == ("GET", {"job_id": "7"})
        return {"settings": {"newer": 1}} if path == "/jobs" else fail(NotFound("no"))

    reading = workspace(api_client=Object(do=do))

    assert reading.get("/jobs", {"job_id": "7"}) == {"settings": {"newer": 1}}
    assert reading.get("/gone", {"job_id": "7"}) is None


def test_a_read_that_is_not_permitted_is_an_error() -> None:
    refuse = Object(do=lambda method, path, query: fail(PermissionDenied("no")))
    reading = workspace(api_client=refuse)

    with pytest.raises(OutsideError, match=r"refuses: no \(the login needs the right to read it\)"):
        reading.get("/jobs", {})


ROBOT = "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"


def robots(*found: Object, asked: list[str] | None = None) -> DatabricksWorkspace:
    """A workspace whose filter finds these service principals; `asked` collects the filters."""

    def listed(filter: str) -> list[Object]:
        (asked if asked is not None else []).append(filter)
        return list(found)

    return workspace(service_principals=Object(list=listed))


def test_a_service_principal_is_found_by_its_application_id() -> None:
    asked: list[str] = []
    there = robots(Object(id="4", application_id=ROBOT, display_name="robot"), asked=asked)

    assert there.find("databricks_service_principal", ROBOT.upper()) == [ExistingObject("4")]
    assert asked == [f'applicationId eq "{ROBOT.upper()}"']


def test_service_principals_are_found_by_their_display_name() -> None:
    """The filter of the API ignores case, but display names differ in it."""
    asked: list[str] = []
    names = ("robot", "Robot", "robot")
    there = robots(
        *(Object(id=str(number), display_name=name) for number, name in enumerate(names)), asked=asked
    )

    found = there.find("databricks_service_principal", "robot")
    assert [one.id for one in found] == ["0", "2"]
    assert asked == ['displayName eq "robot"']


def test_a_user_is_found_in_any_case() -> None:
    users = Object(list=lambda filter: [Object(id="9", user_name="ola@acme.example")])

    assert workspace(users=users).find("databricks_user", "Ola@acme.example") == [ExistingObject("9")]


def test_a_git_folder_is_found_by_its_path() -> None:
    paths = ("/Users/ola@acme.example/mesh", "/Users/ola@acme.example/mesh2")
    repos = Object(
        list=lambda path_prefix: [Object(id=number, path=path) for number, path in enumerate(paths)]
    )

    assert workspace(repos=repos).find("databricks_repo", paths[0]) == [ExistingObject("0")]


def test_an_object_of_a_workshop_belongs_to_its_state() -> None:
    catalog = Object(name="training", properties={WORKSHOP_PROPERTY: "spring"})

    there = workspace(catalogs=Object(get=lambda name: catalog))
    assert there.find("databricks_catalog", "training") == [ExistingObject("training", "workshop/spring")]
