"""Evidence is read once for a whole class, with a bounded number of requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.workshop.course.evidence import Job, Row, Run, Schema, Table
from mesh.workshop.course.evidence_reader import NotPermittedError, read_evidence, evidence_request
from mesh.workshop.course.task import read_tasks
from mesh.workshop.student import Student, assign_branches
from tests.support.classroom import (
    ADA,
    BO,
    CATALOG,
    FIRST,
    NOW,
    SECOND,
    dev,
    own_schema,
    prod,
    run,
    table,
)

TASKS = read_tasks(Path(__file__).resolve().parents[4])
ALL = evidence_request(TASKS)
EXPLORED = table("trips_per_borough", "pickup_borough", "trips")


@dataclass
class Fake:
    """A workspace that counts requests.

    Args:
        existing: its schemas.
        created: its jobs.
        updated: its pipelines.
        hidden: schemas and catalogs that the caller may not read.
        holds: the rows of each table; any other table cannot be read.
    """

    existing: Sequence[Schema] = ()
    created: Sequence[Job] = ()
    updated: Sequence[Job] = ()
    hidden: Sequence[str] = ()
    holds: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def schemas(self, catalog: str) -> Sequence[Schema]:
        self._record("schemas", catalog)
        return [replace(one, tables=()) for one in self.existing if one.catalog == catalog]

    def jobs(self) -> Sequence[Job]:
        self._record("jobs", "")
        return [replace(one, runs=()) for one in self.created]

    def pipelines(self) -> Sequence[str]:
        self._record("pipelines", "")
        return [one.id for one in self.updated if isinstance(one.id, str)]

    def pipeline(self, pipeline: str) -> Sequence[Job]:
        self._record("pipeline", pipeline)
        return [replace(one, runs=()) for one in self.updated if one.id == pipeline]

    def runs(self, job: int | str, most: int) -> Sequence[Run]:
        self._record("runs", str(job))
        return next(one.runs for one in (*self.created, *self.updated) if one.id == job)[:most]

    def tables(self, schema: str) -> Sequence[Table]:
        self._record("tables", schema)
        return next(one.tables for one in self.existing if one.full_name == schema)

    def query(self, statement: str) -> Sequence[Row] | None:
        self._record("query", statement)
        if " union all " not in statement and "source" not in statement:
            return [("Bronx", "9")]
        named = re.findall(r"select '(.*?)' as source", statement)
        if any(name not in self.holds for name in named):
            return None
        return [(name, *row) for name in named for row in self.holds[name]]

    def _record(self, kind: str, about: str) -> None:
        self.requests.append(f"{kind} {about}".strip())
        if about in self.hidden:
            raise NotPermittedError(about)

    def count(self) -> dict[str, int]:
        """The number of requests, by kind."""
        return dict(Counter(one.partition(" ")[0] for one in self.requests))


def workspace(*pairs: tuple[Schema, Job], schemas: Sequence[Schema] = (), **more: object) -> Fake:
    """A workspace with deployments and other schemas."""
    all_schemas = [*(schema for schema, _ in pairs), *schemas]
    return Fake(all_schemas, [job for _, job in pairs], **more)


def students(number: int) -> list[Student]:
    """A class of this size."""
    people = [(f"student.{one}@acme.example", f"Student {one}") for one in range(number)]
    chosen = assign_branches(people)
    return [Student(email, name, None, chosen[email]) for email, name in people]


@pytest.mark.parametrize("number", [30, 200])
def test_a_class_takes_few_requests_per_student(number: int) -> None:
    """With two deployments and a schema per student: five requests per student, and some for all."""
    people = students(number)
    pairs = [
        replace_id(dev(run(), of=one, commit=commit, columns=("amount",)), index * 2 + again)
        for index, one in enumerate(people)
        for again, commit in enumerate((FIRST, SECOND))
    ]
    own = [own_schema(table(EXPLORED.name, *EXPLORED.columns, by=one), of=one) for one in people]
    rows = {f"{one.schema}.trips_per_borough": [("Bronx", "9")] for one in people}
    fake = workspace(*pairs, prod(run(commit=SECOND)), schemas=own, holds=rows)

    evidence = read_evidence(fake, people, ALL, NOW)

    assert fake.count() == {
        "jobs": 1,
        "pipelines": 1,
        "schemas": 2,
        "tables": number * 3,
        "runs": number * 2 + 1,
        "query": -(-number // 40) + len(ALL.queries),
    }
    assert len(evidence.rows) == number
    assert all(len(evidence.deployments(one, TASKS[3].flow or "")) == 2 for one in people)


def replace_id(pair: tuple[Schema, Job], number: int) -> tuple[Schema, Job]:
    """The same with another job id."""
    return pair[0], replace(pair[1], id=number + 100)


def test_reading_one_student_makes_no_request_about_others() -> None:
    fake = workspace(
        dev(run()), dev(run(), of=BO, commit=SECOND), schemas=[own_schema(EXPLORED), own_schema(of=BO)]
    )

    read_evidence(fake, [ADA], ALL, NOW)

    assert sorted(one for one in fake.requests if one.startswith("tables")) == [
        f"tables {CATALOG}.dev_adalovelace_featgh1615assisi_5bd01c2f_revenue",
        f"tables {ADA.schema}",
    ]
    assert fake.count()["runs"] == 1


def test_jobs_of_other_flows_and_their_schemas_are_not_read() -> None:
    schema, job = dev(run())
    other = schema, replace(job, flow="acme/transport/taxinyc/prep/tips")
    fake = workspace(other)

    evidence = read_evidence(fake, [ADA], ALL, NOW)

    assert fake.requests == ["jobs", "pipelines", "schemas training"]
    assert evidence.jobs == ()


def test_pipelines_are_read_only_for_tasks_about_a_pipeline() -> None:
    """Each pipeline takes a request; a hidden one does not affect the others."""
    schema, job = dev(run())
    flow = next(task.flow for task in TASKS if task.pipeline)
    pipelines = [replace(job, id=name, flow=flow) for name in ("mine", "hidden")]
    fake = Fake([schema], updated=pipelines, hidden=["hidden"])

    evidence = read_evidence(fake, [ADA], ALL, NOW)

    assert evidence.jobs == (pipelines[0],)
    assert evidence.unreadable == ("hidden",)
    assert {"pipelines", "pipeline mine", "pipeline hidden", "runs mine"} <= {*fake.requests}
    fake.requests.clear()
    assert read_evidence(fake, [ADA], evidence_request([TASKS[3]]), NOW).jobs == ()
    assert [one for one in fake.requests if "pipeline" in one] == []


def test_a_task_without_rows_runs_no_statement() -> None:
    fake = workspace(schemas=[own_schema(EXPLORED)])

    read_evidence(fake, [ADA], evidence_request([TASKS[1]]), NOW)

    assert "query" not in fake.count()


def test_an_unreadable_table_does_not_affect_the_others() -> None:
    people = students(5)
    own = [own_schema(table(EXPLORED.name, *EXPLORED.columns, by=one), of=one) for one in people]
    rows = {f"{one.schema}.trips_per_borough": [("Bronx", "9")] for one in people[1:]}

    evidence = read_evidence(workspace(schemas=own, holds=rows), people, ALL, NOW)

    assert sorted(evidence.rows) == sorted(rows)


def test_tables_of_deployments_are_read_where_a_task_needs_their_rows() -> None:
    quality = evidence_request(task for task in TASKS if task.name == "13-quality")
    pairs = [dev(of=one, columns=("pickup_borough",)) for one in (ADA, BO)]
    names = [f"{schema.full_name}.revenue_by_borough" for schema, _ in pairs]

    fake = workspace(*pairs, holds={name: [("EWR",)] for name in names})

    assert read_evidence(fake, [ADA], quality, NOW).rows == {names[0]: (("EWR",),)}


def test_an_empty_table_has_no_rows() -> None:
    name = f"{ADA.schema}.trips_per_borough"
    fake = workspace(schemas=[own_schema(EXPLORED)], holds={name: []})

    assert read_evidence(fake, [ADA], ALL, NOW).rows == {name: ()}


def test_a_table_without_the_columns_is_not_read() -> None:
    fake = workspace(schemas=[own_schema(table("trips_per_borough", "pickup_borough"))])

    evidence = read_evidence(fake, [ADA], ALL, NOW)

    assert evidence.rows == {}
    assert [one for one in fake.requests if "trips_per_borough" in one] == []


def test_objects_without_permission_are_named_and_the_others_are_read() -> None:
    default = Schema("training.default")
    fake = workspace(
        dev(run()), schemas=[own_schema(EXPLORED), default], hidden=["training.default", CATALOG]
    )

    evidence = read_evidence(fake, [ADA], ALL, NOW)

    assert evidence.unreadable == (CATALOG, "training.default")
    assert evidence.student_table(ADA, "trips_per_borough") == EXPLORED


def test_a_workspace_that_does_not_answer_is_reported() -> None:
    class Away(Fake):
        def jobs(self) -> Sequence[Job]:
            raise OutsideError("the workspace does not answer")

    with pytest.raises(OutsideError, match="does not answer"):
        read_evidence(Away(), [ADA], ALL, NOW)


@pytest.mark.parametrize(
    ("change", "is_found"),
    [
        (lambda job: job, True),
        (lambda job: replace(job, creator="somebody@acme.example"), True),
        (lambda job: replace(job, schema="acme_transport_taxinyc.gone"), False),
    ],
)
def test_a_deployment_belongs_to_the_user_in_its_schemas_property(change: Callable[[Job], Job], is_found: bool) -> None:
    schema, job = dev(run())
    elsewhere = replace(schema, full_name=f"{CATALOG}.other")
    fake = workspace((schema if is_found else elsewhere, change(job)))

    assert bool(read_evidence(fake, [ADA], ALL, NOW).deployments(ADA, TASKS[3].flow or "")) == is_found
