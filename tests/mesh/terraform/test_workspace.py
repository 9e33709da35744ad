"""Existing objects, contents, grants and uses of a Databricks workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace as Object
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied

from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY
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


def test_contents_are_counted_as_far_as_they_are_known() -> None:
    empty = {"list": lambda *_, **__: []}
    there = workspace(
        tables=Object(list=lambda catalog, schema: [1, 2]),
        volumes=Object(list=lambda catalog, schema: fail(PermissionDenied("no"))),
        registered_models=Object(**empty),
    )
    nothing = workspace(tables=Object(**empty), volumes=Object(**empty), registered_models=Object(**empty))

    assert there.holds("databricks_schema", "acme.revenue") == "2 tables"
    assert nothing.holds("databricks_schema", "acme.revenue") == "empty"


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

    reading = workspace()
    reading.__dict__["_reader"] = Object(api_client=Object(do=do))

    assert reading.get("/jobs", {"job_id": "7"}) == {"settings": {"newer": 1}}
    assert reading.get("/gone", {"job_id": "7"}) is None


def test_a_read_that_is_not_permitted_says_so() -> None:
    reading = workspace()
    refuse = Object(do=lambda method, path, query: fail(PermissionDenied("no")))
    reading.__dict__["_reader"] = Object(api_client=refuse)

    with pytest.raises(OutsideError, match=r"refuses: no \(the login needs the right to read it\)"):
        reading.get("/jobs", {})
