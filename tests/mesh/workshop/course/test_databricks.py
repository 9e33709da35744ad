"""What the Databricks SDK tells becomes evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied, TemporarilyUnavailable
from databricks.sdk.service.catalog import SchemaInfo, TableInfo
from databricks.sdk.service.jobs import BaseJob, BaseRun
from databricks.sdk.service.sql import EndpointInfo, StatementResponse

from mesh.errors import OutsideError
from mesh.workshop.course.databricks import DatabricksSource
from mesh.workshop.course.evidence import Identity, Job, Run, Schema, Table
from mesh.workshop.course.evidence_reader import NotSeenError

MOMENT = 1_700_000_000_000
THEN = datetime.fromtimestamp(MOMENT / 1000, UTC)
NOTEBOOK = "orgs/acme/domains/transport/projects/taxinyc/flows/ml/taximodel/training/train"
TASK = {"task_key": "a", "notebook_task": {"notebook_path": NOTEBOOK}}
PARAMETERS = [{"name": "catalog", "default": "c"}, {"name": "schema", "default": "s"}]


def source(warehouse: str | None = None, **answers: Callable[..., Any]) -> DatabricksSource:
    """A source whose client answers so: `<api>__<method>` gives what the SDK would."""
    apis: dict[str, SimpleNamespace] = {}
    for name, answer in answers.items():
        api, _, method = name.partition("__")
        setattr(apis.setdefault(api, SimpleNamespace()), method, answer)
    client: Any = SimpleNamespace(**apis)
    return DatabricksSource(client, warehouse)


def job(**settings: Any) -> BaseJob:
    """A job as the API lists it."""
    told = {
        "job_id": 5,
        "creator_user_name": "Ada@acme.example",
        "created_time": MOMENT,
        "settings": settings,
    }
    return BaseJob.from_dict(told)


def ran(state: dict[str, str], *tasks: dict[str, Any], **more: Any) -> Run:
    """A run as the API lists it, as evidence."""
    told = {"run_id": 1, "start_time": MOMENT, "creator_user_name": "Ada@acme.example", "state": state}
    listed = BaseRun.from_dict({**told, "tasks": list(tasks), **more})
    (found,) = source(jobs__list_runs=lambda **_: iter([listed])).runs(5, 25)
    return found


def ended(result: str) -> dict[str, str]:
    """How a run or a task ended."""
    return {"life_cycle_state": "TERMINATED", "result_state": result}


def test_a_schema_says_whose_deployment_it_is() -> None:
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
            Identity("acme/transport/taxinyc", "dev", "ada@acme.example", "feat/x", "5bd0"),
        ),
        Schema("c.p", identity=Identity("acme/transport/taxinyc", "prod")),
        Schema("c.o"),
    ]


def test_a_job_belongs_to_the_flow_that_its_notebooks_lie_in() -> None:
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


def test_a_run_says_which_tasks_failed_by_themselves() -> None:
    tasks = [
        {"task_key": "good", "state": ended("SUCCESS")},
        {"task_key": "bad", "state": ended("FAILED")},
        {"task_key": "late", "state": ended("TIMEDOUT")},
        {"task_key": "after", "state": ended("UPSTREAM_FAILED")},
        {"task_key": "skipped", "state": {"life_cycle_state": "SKIPPED"}},
        {"task_key": "broken", "state": {"life_cycle_state": "INTERNAL_ERROR", "result_state": "FAILED"}},
    ]
    commit = [{"name": "git_commit", "default": "old", "value": "new"}]

    assert ran(ended("FAILED"), *tasks, job_parameters=commit) == Run(
        THEN, "ada@acme.example", "failed", ("bad", "late", "broken"), "new"
    )
    assert ran(ended("SUCCESS"), job_parameters=[{"name": "git_commit", "default": "old"}]).commit == "old"


@pytest.mark.parametrize(
    ("state", "told"),
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
def test_how_a_run_ended_is_one_of_four_words(state: dict[str, str], told: str) -> None:
    assert ran(state).state == told


def test_no_more_runs_are_asked_for_than_wanted() -> None:
    endless = (BaseRun(run_id=number, start_time=number) for number in iter(int, 1))

    assert len(source(jobs__list_runs=lambda **_: endless).runs(5, 30)) == 30


def test_a_table_has_columns_and_people() -> None:
    told = {"name": "t", "columns": [{"name": "a"}, {"name": "b"}], "created_by": "x@y", "updated_by": "Z@y"}

    found = source(tables__list=lambda *_, **__: [TableInfo.from_dict(told)]).tables("c.s")

    assert found == [Table("t", ("a", "b"), frozenset({"x@y", "z@y"}))]


def _fails(error: Exception) -> Callable[..., Any]:
    def answer(*_: object, **__: object) -> Any:
        raise error

    return answer


def test_what_is_gone_is_empty_and_what_is_forbidden_is_not_seen() -> None:
    assert source(tables__list=_fails(NotFound("gone"))).tables("c.s") == []
    with pytest.raises(NotSeenError, match="no USE SCHEMA"):
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


@pytest.mark.parametrize(("wanted", "asked"), [("class", "3"), ("other", "2"), (None, "2")])
def test_the_named_warehouse_is_asked_and_else_one_that_runs(wanted: str | None, asked: str) -> None:
    ids: list[str] = []

    def execute(statement: str, warehouse: str, **_: object) -> StatementResponse:
        ids.append(warehouse)
        return _answer("SUCCEEDED", ["a", None])

    found = source(
        wanted, warehouses__list=lambda: list(WAREHOUSES), statement_execution__execute_statement=execute
    )

    assert [found.query("select 1"), found.query("select 1")] == [[("a", None)]] * 2
    assert ids == [asked, asked]


def test_a_statement_that_fails_gives_no_rows() -> None:
    for execute in (
        lambda *_, **__: _answer("FAILED"),
        lambda *_, **__: _answer("PENDING"),
        _fails(PermissionDenied("no")),
    ):
        found = source(
            warehouses__list=lambda: list(WAREHOUSES), statement_execution__execute_statement=execute
        )
        assert found.query("select 1") is None


def test_without_a_warehouse_nobody_can_be_asked() -> None:
    with pytest.raises(OutsideError, match="no SQL warehouse"):
        source(warehouses__list=list).query("select 1")
