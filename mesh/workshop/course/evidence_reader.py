"""Reads the evidence of a class with few requests for all students instead of many for each."""

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
from mesh.workshop.course.task import Task
from mesh.workshop.student import CATALOG, Student

PARALLEL_REQUESTS = 12  # the SDK retries requests that the workspace rate-limits
TABLES_PER_STATEMENT = 40
MAX_ROWS = 50  # of one table; the correct tables of all tasks have fewer rows
# A class has hundreds of runs in prod, and each student a handful in dev
MAX_RUNS = 25
MAX_PRODUCTION_RUNS = 2000
# The schema for tables that are written without a schema name
_DEFAULT_SCHEMA = "default"

A = TypeVar("A")
B = TypeVar("B")


class NotPermittedError(OutsideError):
    """The caller has no permission to read an object."""


class EvidenceSource(Protocol):
    """Reads the objects of a workspace that tasks check."""

    def schemas(self, catalog: str) -> Sequence[Schema]:
        """The schemas of a catalog, without their tables; empty if there is no such catalog.

        Raises:
            NotPermittedError: the caller has no permission to read them.
        """

    def jobs(self) -> Sequence[Job]:
        """The jobs of deployed flows, without their runs."""

    def pipelines(self) -> Sequence[str]:
        """The ids of all pipelines."""

    def pipeline(self, pipeline: str) -> Sequence[Job]:
        """A pipeline without its updates; empty if it is of no flow.

        Raises:
            NotPermittedError: the caller has no permission to read it.
        """

    def runs(self, job: int | str, most: int) -> Sequence[Run]:
        """The newest runs of a job, or the newest updates of a pipeline, the newest first.

        Args:
            job: the id of the job or pipeline.
            most: the maximum number of runs.
        """

    def tables(self, schema: str) -> Sequence[Table]:
        """The tables of a schema; empty if the schema no longer exists.

        Raises:
            NotPermittedError: the caller has no permission to read them.
        """

    def query(self, statement: str) -> Sequence[Row] | None:
        """The rows of an SQL statement; None if it fails.

        Raises:
            OutsideError: there is no SQL warehouse.
        """


@dataclass(frozen=True)
class EvidenceRequest:
    """The evidence that a set of tasks needs.

    Args:
        flows: the flows whose deployments the tasks check.
        rows: the tables of students and of their deployments whose rows the tasks read, each with the columns
            that they need.
        queries: the queries that the tasks compare with.
        pipelines: whether some of the flows are pipelines, each of which takes a request.
    """

    flows: frozenset[str]
    rows: Mapping[str, tuple[str, ...]]
    queries: tuple[str, ...]
    pipelines: bool = False


def evidence_request(tasks: Iterable[Task]) -> EvidenceRequest:
    """Merges what several tasks need."""
    tasks = list(tasks)
    rows = {table: columns for task in tasks for table, columns in task.rows.items()}
    queries = dict.fromkeys(query for task in tasks for query in task.queries)
    flows = frozenset(task.flow for task in tasks if task.flow)
    return EvidenceRequest(flows, rows, tuple(queries), any(task.pipeline for task in tasks))


def read_evidence(
    source: EvidenceSource, students: Sequence[Student], request: EvidenceRequest, now: datetime
) -> Evidence:
    """Reads the evidence about students from a workspace.

    Args:
        source: the workspace.
        students: the students whose objects are read; of other objects, only those that these students wrote.
        request: what the tasks need.
        now: the current time.

    Raises:
        OutsideError: the workspace does not answer.
    """
    with ThreadPoolExecutor(PARALLEL_REQUESTS, thread_name_prefix="evidence") as pool:
        try:
            return _EvidenceReader(source, students, request, pool).read(now)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _EvidenceReader:
    """One pass over the workspace of a class."""

    def __init__(
        self,
        source: EvidenceSource,
        students: Sequence[Student],
        request: EvidenceRequest,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._source = source
        self._students = students
        self._request = request
        self._pool = pool
        self._emails = {student.email for student in students}
        self._student_schemas = {student.schema.lower() for student in students}
        self._unreadable: list[str] = []

    def read(self, now: datetime) -> Evidence:
        jobs = [job for job in self._jobs() if job.flow in self._request.flows]
        catalogs = sorted({CATALOG, *(job.schema.partition(".")[0] for job in jobs)} - {""})
        schemas = [schema for each in self._map(self._source.schemas, catalogs) for schema in each]
        filled = {job.schema.lower() for job in jobs}
        with_tables = [
            schema.full_name
            for schema in schemas
            if self._needs_tables(schema, schema.full_name.lower() in filled)
        ]
        tables = dict(zip(with_tables, self._map(self._source.tables, with_tables), strict=True))
        schemas = [replace(schema, tables=tuple(tables.get(schema.full_name, ()))) for schema in schemas]
        with_runs = self._jobs_with_runs(jobs, {schema.full_name.lower(): schema for schema in schemas})
        runs = dict(zip((job.id for job in with_runs), self._map(self._runs, with_runs), strict=True))
        jobs = [replace(job, runs=tuple(runs.get(job.id, ()))) for job in jobs]
        rows = self._rows(schemas)
        results = self._query_results(schemas)
        return Evidence(now, tuple(schemas), tuple(jobs), rows, results, tuple(sorted(self._unreadable)))

    def _jobs(self) -> Iterator[Job]:
        """All jobs, and the pipelines if a task is about a pipeline."""
        yield from self._source.jobs()
        if self._request.pipelines:
            for found in self._map(self._source.pipeline, self._source.pipelines()):
                yield from found

    def _needs_tables(self, schema: Schema, filled: bool) -> bool:
        """True if a student may have written a task's table into the schema.

        Args:
            schema: the schema.
            filled: whether a job of the course fills it.
        """
        if schema.deployment:
            return filled and schema.deployment.user in self._emails
        if schema.catalog != CATALOG:
            return False
        by_student = bool(schema.contributors & self._emails)
        is_student_schema = schema.full_name.lower() in self._student_schemas
        return is_student_schema or by_student or schema.name == _DEFAULT_SCHEMA

    def _jobs_with_runs(self, jobs: Iterable[Job], schemas: Mapping[str, Schema]) -> list[Job]:
        """The jobs in prod and the students' jobs: the jobs whose runs are read."""
        selected = []
        for job in jobs:
            schema = schemas.get(job.schema.lower())
            user = schema.deployment.user if schema and schema.deployment else None
            if _in_prod(job) or user in self._emails or job.creator in self._emails:
                selected.append(job)
        return selected

    def _runs(self, job: Job) -> Sequence[Run]:
        return self._source.runs(job.id, MAX_PRODUCTION_RUNS if _in_prod(job) else MAX_RUNS)

    def _rows(self, schemas: Iterable[Schema]) -> dict[str, tuple[Row, ...]]:
        """The rows of tables that students and their deployments wrote, many tables per statement."""
        readable = [
            (schema, table.name.lower(), columns)
            for schema in schemas
            if self._is_of_student(schema)
            for table in schema.tables
            if (columns := self._request.rows.get(table.name.lower()))
            and {*columns} <= {column.lower() for column in table.columns}
        ]
        rows: dict[str, tuple[Row, ...]] = {}
        for columns in {columns for *_, columns in readable}:
            names = [f"{schema.full_name}.{table}" for schema, table, same in readable if same == columns]
            batches = [
                names[at : at + TABLES_PER_STATEMENT] for at in range(0, len(names), TABLES_PER_STATEMENT)
            ]
            for batch_rows in self._pool.map(self._read_rows, batches, repeat(columns)):
                rows |= batch_rows
        return rows

    def _is_of_student(self, schema: Schema) -> bool:
        """True for the schema of a student, and for one that a student's deployment fills."""
        if schema.deployment:
            return schema.deployment.user in self._emails
        return schema.full_name.lower() in self._student_schemas

    def _read_rows(self, names: Sequence[str], columns: tuple[str, ...]) -> dict[str, tuple[Row, ...]]:
        """The rows of tables; a table that fails does not affect the others."""
        result = self._source.query(_union(names, columns))
        if result is not None:
            rows: dict[str, list[Row]] = {name: [] for name in names}
            for name, *cells in result:
                rows[str(name)].append(tuple(cells))
            return {name: tuple(of_table) for name, of_table in rows.items()}
        if len(names) == 1:
            return {}
        half = len(names) // 2
        return self._read_rows(names[:half], columns) | self._read_rows(names[half:], columns)

    def _query_results(self, schemas: Iterable[Schema]) -> dict[str, tuple[Row, ...]]:
        """The results of the tasks' queries, once a student has a table to compare them with."""
        has_tables = any(
            schema.full_name.lower() in self._student_schemas and schema.tables for schema in schemas
        )
        queries = self._request.queries if has_tables else ()
        results = zip(queries, self._pool.map(self._source.query, queries), strict=True)
        return {query: tuple(rows) for query, rows in results if rows is not None}

    def _map(self, read: Callable[[A], Sequence[B]], items: Sequence[A]) -> Iterator[Sequence[B]]:
        """Reads each item in parallel; an unreadable item gives nothing and is recorded."""

        def read_item(item: A) -> Sequence[B]:
            try:
                return read(item)
            except NotPermittedError:
                self._unreadable.append(f"job {item.id}" if isinstance(item, Job) else str(item))
                return ()

        return self._pool.map(read_item, items)


def _in_prod(job: Job) -> bool:
    return job.tags.get("deployment") == "prod"


def _union(names: Sequence[str], columns: tuple[str, ...]) -> str:
    """One statement that returns the rows of many tables, all cells as text."""
    cells = ", ".join(f"cast({sql_reference(column)} as string)" for column in columns)
    parts = (
        f"(select '{_literal(name)}' as source, {cells} "  # noqa: S608
        f"from {sql_reference(*name.split('.'))} limit {MAX_ROWS})"
        for name in names
    )
    return " union all ".join(parts)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
