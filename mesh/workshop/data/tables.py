"""Tables that are made from the parts in a volume, by SQL that Spark and a warehouse understand alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mesh.workshop.data.data_file import Part
from mesh.workshop.data.progress_output import Telling

SOURCE_PROPERTY = "datamesh.source"  # of a table: what it was made from


class Engine(Protocol):
    """Runs SQL where the tables are."""

    def source(self, table: str) -> str | None:
        """The SOURCE_PROPERTY of a table, by its full name; None where there is no such table."""

    def relation(self, path: str, *, parquet: bool) -> str:
        """What SQL reads a file of a volume as: all columns of a CSV file are text."""

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement and return its rows.

        Raises:
            OutsideError: it fails.
        """


@dataclass(frozen=True)
class Source:
    """A part, with what SQL reads it as.

    Args:
        part: the part.
        relation: stands behind FROM.
    """

    part: Part
    relation: str


@dataclass(frozen=True)
class Table:
    """A table.

    Args:
        name: its full name.
        comment: what it holds.
        volume: the path of the volume that its parts are in.
        parts: what it is made from.
        query: the SELECT that it is made by.
        after: the tables that the query joins, which are made before.
    """

    name: str
    comment: str
    volume: str
    parts: tuple[Part, ...]
    query: Callable[[Sequence[Source]], str]
    after: tuple[Table, ...] = ()

    @property
    def source(self) -> str:
        """A checksum of all that decides on its content."""
        named = [Source(part, part.name) for part in self.parts]
        content = [
            self.query(named),
            *(part.sha256 for part in self.parts),
            *(one.source for one in self.after),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def statement(self, engine: Engine) -> str:
        """The SQL that makes it, or makes it anew, all at once."""
        sources = [
            Source(part, engine.relation(f"{self.volume}/{part.name}", parquet=part.is_parquet))
            for part in self.parts
        ]
        return (
            f"CREATE OR REPLACE TABLE {self.name} COMMENT {text(self.comment)} "
            f"TBLPROPERTIES ({text(SOURCE_PROPERTY)} = {text(self.source)}) AS {self.query(sources)}"
        )


def make(tables: Sequence[Table], engine: Engine, telling: Telling, *, force: bool) -> None:
    """Make the tables whose sources changed.

    Args:
        tables: in an order in which they can be made.
        engine: where they are.
        telling: is told of each.
        force: whether to make all of them.

    Raises:
        OutsideError: a statement fails; the tables before are made.
    """
    for table in tables:
        if not force and engine.source(table.name) == table.source:
            telling.line(f"{table.name}: already there")
            continue
        with telling.waiting(f"making {table.name}"):
            engine.run(table.statement(engine))
            [[rows]] = engine.run(f"SELECT count(*) FROM {table.name}")  # noqa: S608
        telling.line(f"{table.name}: made, {int(str(rows)):,} rows")


def text(value: str) -> str:
    """Return a value as a string of SQL.

    Source: Databricks documentation, "STRING type": a backslash escapes.
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
