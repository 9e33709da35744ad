"""Tables that are created from the files in a volume, with SQL that Spark and SQL warehouses both accept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mesh.workshop.data.data_file import DataFile
from mesh.workshop.data.progress_output import ProgressOutput

SOURCE_PROPERTY = "datamesh.source"  # on tables: a checksum of the files and the query


class SqlEngine(Protocol):
    """Runs SQL in the workspace."""

    def source(self, table: str) -> str | None:
        """The SOURCE_PROPERTY of a table, by its full name; None if there is no such table."""

    def relation(self, path: str, *, parquet: bool) -> str:
        """The SQL relation that reads a file of a volume; all columns of a CSV file are text."""

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Runs one statement and returns its rows.

        Raises:
            OutsideError: the statement fails.
        """


@dataclass(frozen=True)
class SqlSource:
    """A file, with the SQL relation that reads it.

    Args:
        file: the file.
        relation: the relation, for a FROM clause.
    """

    file: DataFile
    relation: str


@dataclass(frozen=True)
class DataTable:
    """A table of the course's data.

    Args:
        name: its full name.
        comment: its comment.
        volume: the path of the volume with its files.
        files: the files that it is created from.
        query: returns the SELECT that creates it.
        after: the tables that the query joins, which have to be created first.
    """

    name: str
    comment: str
    volume: str
    files: tuple[DataFile, ...]
    query: Callable[[Sequence[SqlSource]], str]
    after: tuple[DataTable, ...] = ()

    @property
    def source(self) -> str:
        """A checksum of everything that determines its content."""
        by_name = [SqlSource(file, file.name) for file in self.files]
        content = [
            self.query(by_name),
            *(file.sha256 for file in self.files),
            *(table.source for table in self.after),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def statement(self, engine: SqlEngine) -> str:
        """The SQL statement that creates or replaces it atomically."""
        sources = [
            SqlSource(file, engine.relation(f"{self.volume}/{file.name}", parquet=file.is_parquet))
            for file in self.files
        ]
        properties = f"{sql_string(SOURCE_PROPERTY)} = {sql_string(self.source)}"
        return (
            f"CREATE OR REPLACE TABLE {self.name} COMMENT {sql_string(self.comment)} "
            f"TBLPROPERTIES ({properties}) AS {self.query(sources)}"
        )


def create_tables(
    tables: Sequence[DataTable], engine: SqlEngine, output: ProgressOutput, *, force: bool
) -> None:
    """Creates the tables that are missing or whose sources changed.

    Args:
        tables: in order of creation.
        engine: runs the SQL.
        output: receives progress events.
        force: whether to recreate all tables.

    Raises:
        OutsideError: a statement fails; the tables before it are created.
    """
    for table in tables:
        if not force and engine.source(table.name) == table.source:
            output.report(f"{table.name}: up to date")
            continue
        with output.show_wait(f"creating {table.name}"):
            engine.run(table.statement(engine))
            [[rows]] = engine.run(f"SELECT count(*) FROM {table.name}")  # noqa: S608
        output.report(f"{table.name}: created, {int(str(rows)):,} rows")


def sql_string(value: str) -> str:
    """Quotes a text as an SQL string.

    Source: Databricks documentation, "STRING type": a backslash escapes.
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
