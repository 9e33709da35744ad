"""Reads the evidence of a class: few questions for all students, rather than many for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import repeat
from typing import Protocol, TypeVar

from mesh.errors import OutsideError
from mesh.model.naming import sql_reference
from mesh.workshop.course.evidence import Evidence, Job, Row, Run, Schema, Table
from mesh.workshop.student import CATALOG, Student
from mesh.workshop.course.task import Task

AT_ONCE = 12  # questions; what the workspace refuses for their number is asked again by the SDK
TABLES_AT_ONCE = 40  # that one statement reads
MOST_ROWS = 50  # of one table: whoever has more than that has something else than the task asks for
# Where tables of those land who do not say where
_DEFAULT = "default"

A = TypeVar("A")
B = TypeVar("B")


class NotSeenError(OutsideError):
    """The caller may not look at it."""


class Source(Protocol):
    """The workspace, as far as tasks are about it."""

    def schemas(self, catalog: str) -> Sequence[Schema]:
        """The schemas of a catalog, without their tables; none where there is no such catalog.

        Raises:
            NotSeenError: the caller may not see them.
        """

    def jobs(self) -> Sequence[Job]:
        """The jobs that a deployment made, without their runs."""

    def runs(self, job: int, most: int) -> Sequence[Run]:
        """A job's runs, the newest first."""

    def tables(self, schema: str) -> Sequence[Table]:
        """The tables of a schema; none where it is gone.

        Raises:
            NotSeenError: the caller may not see them.
        """

    def query(self, statement: str) -> Sequence[Row] | None:
        """The rows that an SQL statement gives; None where it fails.

        Raises:
            OutsideError: there is no SQL warehouse to ask.
        """


@dataclass(frozen=True)
class Wanted:
    """What tasks ask the workspace.

    Args:
        flows: whose deployments they look at.
        rows: the student's own tables that they look into, with the columns they want of each.
        queries: what they ask the class's data.
    """

    flows: frozenset[str]
    rows: Mapping[str, tuple[str, ...]]
    queries: tuple[str, ...]


def wanted(tasks: Iterable[Task]) -> Wanted:
    """What tasks ask, all together."""
    asked = list(tasks)
    rows = {table: columns for one in asked for table, columns in one.rows.items()}
    queries = dict.fromkeys(query for one in asked for query in one.queries)
    return Wanted(frozenset(one.flow for one in asked if one.flow), rows, tuple(queries))


# A class has hundreds of runs in prod, and each student a handful in dev
MOST_RUNS = 25
MOST_RUNS_IN_PROD = 2000


def read(source: Source, students: Sequence[Student], asked: Wanted, now: datetime) -> Evidence:
    """What the workspace says of students.

    Args:
        source: the workspace.
        students: whose things are looked at; others' only as far as they lie where these wrote.
        asked: what their tasks want to know.
        now: the moment.

    Raises:
        OutsideError: the workspace does not answer.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="evidence") as pool:
        try:
            return _Reading(source, students, asked, pool).evidence(now)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _Reading:
    """One reading of a class."""

    def __init__(
        self, source: Source, students: Sequence[Student], asked: Wanted, pool: ThreadPoolExecutor
    ) -> None:
        self._source = source
        self._students = students
        self._asked = asked
        self._pool = pool
        self._emails = {one.email for one in students}
        self._own = {one.schema.lower() for one in students}
        self._unseen: list[str] = []

    def evidence(self, now: datetime) -> Evidence:
        jobs = [one for one in self._source.jobs() if one.flow in self._asked.flows]
        catalogs = sorted({CATALOG, *(one.schema.partition(".")[0] for one in jobs)} - {""})
        schemas = [one for found in self._all(self._source.schemas, catalogs) for one in found]
        filled = {one.schema.lower(): one for one in jobs}
        looked = [one.full_name for one in schemas if self._matters(one, one.full_name.lower() in filled)]
        tables = dict(zip(looked, self._all(self._source.tables, looked), strict=True))
        schemas = [replace(one, tables=tuple(tables.get(one.full_name, ()))) for one in schemas]
        theirs = self._theirs(jobs, {one.full_name.lower(): one for one in schemas})
        runs = dict(zip((one.id for one in theirs), self._all(self._runs, theirs), strict=True))
        jobs = [replace(one, runs=tuple(runs.get(one.id, ()))) for one in jobs]
        rows = self._rows(schemas)
        answers = self._answers(schemas)
        return Evidence(now, tuple(schemas), tuple(jobs), rows, answers, tuple(sorted(self._unseen)))

    def _matters(self, schema: Schema, filled: bool) -> bool:
        """Whether a student may have written there what a task is about."""
        if schema.identity:
            return filled and schema.identity.user in self._emails
        if schema.catalog != CATALOG:
            return False
        by_student = bool(schema.people & self._emails)
        return schema.full_name.lower() in self._own or by_student or schema.name == _DEFAULT

    def _theirs(self, jobs: Iterable[Job], schemas: Mapping[str, Schema]) -> list[Job]:
        """The jobs in prod, and those of the students."""
        found = []
        for job in jobs:
            schema = schemas.get(job.schema.lower())
            user = schema.identity.user if schema and schema.identity else None
            if _in_prod(job) or user in self._emails or job.by in self._emails:
                found.append(job)
        return found

    def _runs(self, job: Job) -> Sequence[Run]:
        return self._source.runs(job.id, MOST_RUNS_IN_PROD if _in_prod(job) else MOST_RUNS)

    def _rows(self, schemas: Iterable[Schema]) -> dict[str, tuple[Row, ...]]:
        """What the own tables of students hold, many tables by one statement."""
        there = [
            (schema, table.name.lower(), columns)
            for schema in schemas
            if schema.full_name.lower() in self._own
            for table in schema.tables
            if (columns := self._asked.rows.get(table.name.lower()))
            and {*columns} <= {one.lower() for one in table.columns}
        ]
        found: dict[str, tuple[Row, ...]] = {}
        for columns in {columns for *_, columns in there}:
            names = [f"{schema.full_name}.{table}" for schema, table, same in there if same == columns]
            some = [names[at : at + TABLES_AT_ONCE] for at in range(0, len(names), TABLES_AT_ONCE)]
            for answer in self._pool.map(self._read, some, repeat(columns)):
                found |= answer
        return found

    def _read(self, names: Sequence[str], columns: tuple[str, ...]) -> dict[str, tuple[Row, ...]]:
        """The rows of tables; one that cannot be read does not hide the others."""
        rows = self._source.query(_union(names, columns))
        if rows is not None:
            found: dict[str, list[Row]] = {name: [] for name in names}
            for name, *cells in rows:
                found[str(name)].append(tuple(cells))
            return {name: tuple(read) for name, read in found.items()}
        if len(names) == 1:
            return {}
        half = len(names) // 2
        return self._read(names[:half], columns) | self._read(names[half:], columns)

    def _answers(self, schemas: Iterable[Schema]) -> dict[str, tuple[Row, ...]]:
        """What queries give, once somebody has a table to be compared with them."""
        has_tables = any(one.full_name.lower() in self._own and one.tables for one in schemas)
        asked = self._asked.queries if has_tables else ()
        answers = zip(asked, self._pool.map(self._source.query, asked), strict=True)
        return {query: tuple(rows) for query, rows in answers if rows is not None}

    def _all(self, ask: Callable[[A], Sequence[B]], about: Sequence[A]) -> Iterator[Sequence[B]]:
        """An answer about each of many things; nothing for what may not be seen, which is noted."""

        def answer(one: A) -> Sequence[B]:
            try:
                return ask(one)
            except NotSeenError:
                self._unseen.append(f"job {one.id}" if isinstance(one, Job) else str(one))
                return ()

        return self._pool.map(answer, about)


def _in_prod(job: Job) -> bool:
    return job.tags.get("deployment") == "prod"


def _union(names: Sequence[str], columns: tuple[str, ...]) -> str:
    """One statement for the rows of many tables, as text."""
    cells = ", ".join(f"cast({sql_reference(one)} as string)" for one in columns)
    parts = (
        f"(select '{_literal(name)}' as source, {cells} "  # noqa: S608
        f"from {sql_reference(*name.split('.'))} limit {MOST_ROWS})"
        for name in names
    )
    return " union all ".join(parts)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
