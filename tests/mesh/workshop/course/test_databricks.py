"""Responses of the Databricks SDK as evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied, TemporarilyUnavailable
from databricks.sdk.service.catalog import SchemaInfo, TableInfo
from databricks.sdk.service.jobs import BaseJob, BaseRun
from databricks.sdk.service.pipelines import (
    GetPipelineResponse,
    ListUpdatesResponse,
    PipelineSpec,
    PipelineStateInfo,
)
from databricks.sdk.service.sql import EndpointInfo, StatementResponse

from mesh.errors import OutsideError
from mesh.workshop.course.databricks import DatabricksSource
from mesh.deployment.state_key import parse_state_key
from mesh.workshop.course.evidence import Job, Run, Schema, Table
from mesh.workshop.course.evidence_reader import NotPermittedError

MOMENT = 1_700_000_000_000
THEN = datetime.fromtimestamp(MOMENT / 1000, UTC)
NOTEBOOK = "orgs/acme/domains/transport/projects/taxinyc/flows/ml/taximodel/training/train"
TASK = {"task_key": "a", "notebook_task": {"notebook_path": NOTEBOOK}}
PARAMETERS = [{"name": "catalog", "default": "c"}, {"name": "schema", "default": "s"}]


def source(warehouse: str | None = None, **answers: Callable[..., Any]) -> DatabricksSource:
    """A source with a fake client: `<api>__<method>` is a method of the SDK."""
    apis: dict[str, SimpleNamespace] = {}
    for name, answer in answers.items():
        api, _, method = name.partition("__")
        setattr(apis.setdefault(api, SimpleNamespace()), method, answer)
    client: Any = SimpleNamespace(**apis)
    return DatabricksSource(client, warehouse)


def job(**settings: Any) -> BaseJob:
    """A job as the API lists it."""
    response = {
        "job_id": 5,
        "creator_user_name": "Ada@acme.example",
        "created_time": MOMENT,
        "settings": settings,
    }
    return BaseJob.from_dict(response)


def ran(state: dict[str, str], *tasks: dict[str, Any], **more: Any) -> Run:
    """A run as the API lists it, as evidence."""
    response = {"run_id": 1, "start_time": MOMENT, "creator_user_name": "Ada@acme.example", "state": state}
    listed = BaseRun.from_dict({**response, "tasks": list(tasks), **more})
    (run,) = source(jobs__list_runs=lambda **_: iter([listed])).runs(5, 25)
    return run


def ended(result: str) -> dict[str, str]:
    """The state of a finished run or task."""
    return {"life_cycle_state": "TERMINATED", "result_state": result}


def test_a_schema_has_the_deployment_in_its_property() -> None:
    listed = [
        SchemaInfo(
            full_name="c.s",
            name="s",
            created_by="Ada@acme.example",
            properties={"datamesh.deployment": "acme/transport/taxinyc/dev/ada@acme.example/feat%2Fx/5bd0"},
        ),
        SchemaInfo(
            full_name="c.p", name="p", properties={"datamesh.deployment": "acme/transport/taxinyc/prod"}
        ),
        SchemaInfo(full_name="c.o", name="o", properties={"datamesh.deployment": "no/key"}),
        SchemaInfo(full_name="c.information_schema", name="information_schema"),
    ]

    assert source(schemas__list=lambda _: listed).schemas("c") == [
        Schema(
            "c.s",
            frozenset({"ada@acme.example"}),
            parse_state_key("acme/transport/taxinyc/dev/ada@acme.example/feat%2Fx/5bd0"),
        ),
        Schema("c.p", deployment=parse_state_key("acme/transport/taxinyc/prod")),
        Schema("c.o"),
    ]


def test_a_job_belongs_to_the_flow_of_its_notebooks() -> None:
    listed = [
        job(
            tasks=[TASK],
            parameters=PARAMETERS,
            tags={"deployment": "prod"},
            run_as={"service_principal_name": "sp"},
        ),
        job(tasks=[{"task_key": "a", "sql_task": {"warehouse_id": "1"}}, TASK], parameters=PARAMETERS),
        job(tasks=[{"task_key": "a", "notebook_task": {"notebook_path": "/Users/ada/mine"}}]),
        job(name="empty"),
    ]
    flow, ada = "acme/transport/taxinyc/ml/taximodel/training", "ada@acme.example"

    assert source(jobs__list=lambda **_: iter(listed)).jobs() == [
        Job(5, flow, THEN, ada, "sp", {"deployment": "prod"}, "c.s"),
        Job(5, flow, THEN, ada, ada, {}, "c.s"),
    ]


def test_a_run_names_its_tasks_and_those_that_failed_themselves() -> None:
    """Tasks that the run left out are not named."""
    tasks = [
        {"task_key": "good", "state": ended("SUCCESS")},
        {"task_key": "bad", "state": ended("FAILED")},
        {"task_key": "late", "state": ended("TIMEDOUT")},
        {"task_key": "after", "state": ended("UPSTREAM_FAILED")},
        {"task_key": "skipped", "state": {"life_cycle_state": "SKIPPED"}},
        {"task_key": "not chosen", "state": ended("DISABLED")},
        {"task_key": "other branch", "state": ended("EXCLUDED")},
        {"task_key": "broken", "state": {"life_cycle_state": "INTERNAL_ERROR", "result_state": "FAILED"}},
    ]
    commit = [{"name": "git_commit", "default": "old", "value": "new"}]

    assert ran(ended("FAILED"), *tasks, job_parameters=commit) == Run(
        THEN,
        "ada@acme.example",
        "failed",
        ("bad", "late", "broken"),
        "new",
        ("good", "bad", "late", "after", "skipped", "broken"),
    )
    assert ran(ended("SUCCESS"), job_parameters=[{"name": "git_commit", "default": "old"}]).commit == "old"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ended("SUCCESS"), "succeeded"),
        (ended("SUCCESS_WITH_FAILURES"), "failed"),
        (ended("CANCELED"), "cancelled"),
        (ended("TIMEDOUT"), "failed"),
        ({"life_cycle_state": "INTERNAL_ERROR"}, "failed"),
        ({"life_cycle_state": "SKIPPED"}, "failed"),
        ({"life_cycle_state": "PENDING"}, "running"),
        ({"life_cycle_state": "QUEUED"}, "running"),
        ({"life_cycle_state": "RUNNING"}, "running"),
        ({}, "running"),
    ],
)
def test_a_run_has_one_of_four_states(state: dict[str, str], expected: str) -> None:
    assert ran(state).state == expected


def test_the_number_of_runs_is_limited() -> None:
    endless = (BaseRun(run_id=number, start_time=number) for number in iter(int, 1))

    assert len(source(jobs__list_runs=lambda **_: endless).runs(5, 30)) == 30


def test_a_pipeline_is_read_as_a_job_and_its_updates_as_runs() -> None:
    client = source(
        pipelines__list_pipelines=lambda **_: iter([PipelineStateInfo(pipeline_id="p")]),
        pipelines__get=lambda _: GetPipelineResponse(pipeline_id="p", spec=PipelineSpec()),
        pipelines__list_updates=lambda *_, **__: ListUpdatesResponse(),
    )

    assert client.pipelines() == ["p"]
    assert client.pipeline("p") == []
    assert client.runs("p", 25) == []


def test_a_table_has_columns_and_contributors() -> None:
    response = {"name": "t", "columns": [{"name": "a"}, {"name": "b"}], "created_by": "x@y", "updated_by": "Z@y"}

    tables = source(tables__list=lambda *_, **__: [TableInfo.from_dict(response)]).tables("c.s")

    assert tables == [Table("t", ("a", "b"), frozenset({"x@y", "z@y"}))]


def _fails(error: Exception) -> Callable[..., Any]:
    def answer(*_: object, **__: object) -> Any:
        raise error

    return answer


def test_a_missing_object_is_empty_and_a_forbidden_object_is_an_error() -> None:
    assert source(tables__list=_fails(NotFound("gone"))).tables("c.s") == []
    with pytest.raises(NotPermittedError, match="no USE SCHEMA"):
        source(tables__list=_fails(PermissionDenied("no USE SCHEMA"))).tables("c.s")
    with pytest.raises(OutsideError, match=r"does not answer: too busy \(check DATABRICKS_HOST"):
        source(jobs__list=_fails(TemporarilyUnavailable("too busy\ntrace"))).jobs()


def _answer(state: str, *rows: list[str | None]) -> StatementResponse:
    return StatementResponse.from_dict({"status": {"state": state}, "result": {"data_array": list(rows)}})


WAREHOUSES = [
    EndpointInfo.from_dict({"id": "1", "name": "off", "state": "STOPPED"}),
    EndpointInfo.from_dict({"id": "2", "name": "on", "state": "RUNNING"}),
    EndpointInfo.from_dict({"id": "3", "name": "class", "state": "STOPPED"}),
]


@pytest.mark.parametrize(("configured", "used"), [("class", "3"), ("other", "2"), (None, "2")])
def test_the_configured_warehouse_is_used_else_a_running_one(configured: str | None, used: str) -> None:
    ids: list[str] = []

    def execute(statement: str, warehouse: str, **_: object) -> StatementResponse:
        ids.append(warehouse)
        return _answer("SUCCEEDED", ["a", None])

    reader = source(
        configured, warehouses__list=lambda: list(WAREHOUSES), statement_execution__execute_statement=execute
    )

    assert [reader.query("select 1"), reader.query("select 1")] == [[("a", None)]] * 2
    assert ids == [used, used]


def test_a_statement_that_fails_gives_no_rows() -> None:
    for execute in (
        lambda *_, **__: _answer("FAILED"),
        lambda *_, **__: _answer("PENDING"),
        _fails(PermissionDenied("no")),
    ):
        reader = source(
            warehouses__list=lambda: list(WAREHOUSES), statement_execution__execute_statement=execute
        )
        assert reader.query("select 1") is None


def test_a_missing_warehouse_is_reported() -> None:
    with pytest.raises(OutsideError, match="no SQL warehouse"):
        source(warehouses__list=list).query("select 1")
