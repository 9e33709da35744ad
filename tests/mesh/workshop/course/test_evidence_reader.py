"""Evidence is read once for a whole class, with a bounded number of questions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.workshop.course.evidence import Job, Row, Run, Schema, Table
from mesh.workshop.course.evidence_reader import NotSeenError, read, wanted
from mesh.workshop.course.task import tasks
from mesh.workshop.student import Student, branches
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

TASKS = tasks(Path(__file__).resolve().parents[4])
ALL = wanted(TASKS)
EXPLORED = table("trips_per_borough", "pickup_borough", "trips")


@dataclass
class Fake:
    """A workspace that counts what it is asked.

    Args:
        found: its schemas.
        made: its jobs.
        hidden: what may not be seen.
        holds: the rows of each table; one that is not there cannot be read.
    """

    found: Sequence[Schema] = ()
    made: Sequence[Job] = ()
    hidden: Sequence[str] = ()
    holds: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def schemas(self, catalog: str) -> Sequence[Schema]:
        self._note("schemas", catalog)
        return [replace(one, tables=()) for one in self.found if one.catalog == catalog]

    def jobs(self) -> Sequence[Job]:
        self._note("jobs", "")
        return [replace(one, runs=()) for one in self.made]

    def runs(self, job: int, most: int) -> Sequence[Run]:
        self._note("runs", str(job))
        return next(one.runs for one in self.made if one.id == job)[:most]

    def tables(self, schema: str) -> Sequence[Table]:
        self._note("tables", schema)
        return next(one.tables for one in self.found if one.full_name == schema)

    def query(self, statement: str) -> Sequence[Row] | None:
        self._note("query", statement)
        if " union all " not in statement and "source" not in statement:
            return [("Bronx", "9")]
        named = re.findall(r"select '(.*?)' as source", statement)
        if any(name not in self.holds for name in named):
            return None
        return [(name, *row) for name in named for row in self.holds[name]]

    def _note(self, kind: str, about: str) -> None:
        self.asked.append(f"{kind} {about}".strip())
        if about in self.hidden:
            raise NotSeenError(about)

    def count(self) -> dict[str, int]:
        """How often it was asked, by kind."""
        return dict(Counter(one.partition(" ")[0] for one in self.asked))


def workspace(*pairs: tuple[Schema, Job], schemas: Sequence[Schema] = (), **more: object) -> Fake:
    """A workspace with deployments and other schemas."""
    found = [*(schema for schema, _ in pairs), *schemas]
    return Fake(found, [job for _, job in pairs], **more)


def students(number: int) -> list[Student]:
    """A class."""
    people = [(f"student.{one}@acme.example", f"Student {one}") for one in range(number)]
    chosen = branches(people)
    return [Student(email, name, None, chosen[email]) for email, name in people]


@pytest.mark.parametrize("number", [30, 200])
def test_a_class_takes_few_questions_for_each_student(number: int) -> None:
    """Two deployments and a schema of tables each: five questions for each, and some for all."""
    people = students(number)
    pairs = [
        replace_id(dev(run(), of=one, commit=commit, columns=("amount",)), index * 2 + again)
        for index, one in enumerate(people)
        for again, commit in enumerate((FIRST, SECOND))
    ]
    own = [own_schema(table(EXPLORED.name, *EXPLORED.columns, by=one), of=one) for one in people]
    rows = {f"{one.schema}.trips_per_borough": [("Bronx", "9")] for one in people}
    fake = workspace(*pairs, prod(run(commit=SECOND)), schemas=own, holds=rows)

    seen = read(fake, people, ALL, NOW)

    assert fake.count() == {
        "jobs": 1,
        "schemas": 2,
        "tables": number * 3,
        "runs": number * 2 + 1,
        "query": -(-number // 40) + 1,
    }
    assert len(seen.rows) == number
    assert all(len(seen.deployed(one, TASKS[3].flow or "")) == 2 for one in people)


def replace_id(pair: tuple[Schema, Job], number: int) -> tuple[Schema, Job]:
    """The same with a job of another number."""
    return pair[0], replace(pair[1], id=number + 100)


def test_one_student_asks_nothing_about_the_others() -> None:
    fake = workspace(
        dev(run()), dev(run(), of=BO, commit=SECOND), schemas=[own_schema(EXPLORED), own_schema(of=BO)]
    )

    read(fake, [ADA], ALL, NOW)

    assert sorted(one for one in fake.asked if one.startswith("tables")) == [
        f"tables {CATALOG}.dev_adalovelace_featgh1615assisi_5bd01c2f_revenue",
        f"tables {ADA.schema}",
    ]
    assert fake.count()["runs"] == 1


def test_jobs_of_other_flows_and_their_schemas_are_left_alone() -> None:
    schema, job = dev(run())
    other = schema, replace(job, flow="acme/transport/taxinyc/prep/dltrevenue")
    fake = workspace(other)

    seen = read(fake, [ADA], ALL, NOW)

    assert fake.asked == ["jobs", "schemas training"]
    assert seen.jobs == ()


def test_a_task_that_looks_into_no_table_asks_no_warehouse() -> None:
    fake = workspace(schemas=[own_schema(EXPLORED)])

    read(fake, [ADA], wanted([TASKS[1]]), NOW)

    assert "query" not in fake.count()


def test_one_table_that_cannot_be_read_hides_no_other() -> None:
    people = students(5)
    own = [own_schema(table(EXPLORED.name, *EXPLORED.columns, by=one), of=one) for one in people]
    rows = {f"{one.schema}.trips_per_borough": [("Bronx", "9")] for one in people[1:]}

    seen = read(workspace(schemas=own, holds=rows), people, ALL, NOW)

    assert sorted(seen.rows) == sorted(rows)


def test_an_empty_table_has_no_rows() -> None:
    name = f"{ADA.schema}.trips_per_borough"
    fake = workspace(schemas=[own_schema(EXPLORED)], holds={name: []})

    assert read(fake, [ADA], ALL, NOW).rows == {name: ()}


def test_columns_that_a_table_lacks_are_not_asked_for() -> None:
    fake = workspace(schemas=[own_schema(table("trips_per_borough", "pickup_borough"))])

    seen = read(fake, [ADA], ALL, NOW)

    assert seen.rows == {}
    assert [one for one in fake.asked if "trips_per_borough" in one] == []


def test_what_may_not_be_seen_is_named_and_nothing_else_is_lost() -> None:
    default = Schema("training.default")
    fake = workspace(
        dev(run()), schemas=[own_schema(EXPLORED), default], hidden=["training.default", CATALOG]
    )

    seen = read(fake, [ADA], ALL, NOW)

    assert seen.unseen == (CATALOG, "training.default")
    assert seen.own_table(ADA, "trips_per_borough") == EXPLORED


def test_a_workspace_that_is_away_is_told() -> None:
    class Away(Fake):
        def jobs(self) -> Sequence[Job]:
            raise OutsideError("the workspace does not answer")

    with pytest.raises(OutsideError, match="does not answer"):
        read(Away(), [ADA], ALL, NOW)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda job: job, True),
        (lambda job: replace(job, by="somebody@acme.example"), True),
        (lambda job: replace(job, schema="acme_transport_taxinyc.gone"), False),
    ],
)
def test_a_deployment_is_whose_schema_says_so(change: Callable[[Job], Job], found: bool) -> None:
    schema, job = dev(run())
    elsewhere = replace(schema, full_name=f"{CATALOG}.other")
    fake = workspace((schema if found else elsewhere, change(job)))

    assert bool(read(fake, [ADA], ALL, NOW).deployed(ADA, TASKS[3].flow or "")) == found
