"""Reads code in tests of lineage, and writes what it found as text."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from mesh.lineage.python_reader import Modules, PythonReader
from mesh.lineage.python_value import Unit
from mesh.lineage.relation import Relation
from mesh.lineage.session import Session, Surroundings
from mesh.lineage.sql_statement import SqlReader
from mesh.lineage.table import Table

KNOWN: Mapping[str, tuple[str, ...]] = {
    "trips": ("id", "zone", "amount", "paid"),
    "zones": ("zone", "borough"),
}
"""The columns of the tables `c.s.trips` and `c.s.zones`."""


def session(parameters: Mapping[str, str | None] | None = None, *, defaults: bool = True) -> Session:
    """A session with the catalog `c` and the schema `s`, which knows the tables of KNOWN.

    Args:
        parameters: the parameters of the task.
        defaults: False for a task without default catalog and schema.
    """

    def columns(table: Table) -> tuple[str, ...] | None:
        return KNOWN.get(table.name)

    place = ("c", "s") if defaults else (None, None)
    return Session(Surroundings(parameters or {}, *place), columns)


def read_sql(text: str, parameters: Mapping[str, str | None] | None = None) -> Session:
    """A session after a SQL file."""
    found = session(parameters)
    SqlReader(found, Unit("a.sql").place).read(dedent(text), shown=True)
    return found


def read_python(
    code: str,
    parameters: Mapping[str, str | None] | None = None,
    modules: Modules = lambda *_: None,
) -> Session:
    """A session after Python code."""
    found = session(parameters)
    reader = PythonReader(found, modules)
    reader.read(dedent(code), Unit("a.py"))
    reader.finish()
    return found


def columns(relation: Relation) -> dict[str, str]:
    """The sources of each column, without `c.s.`; `?` where they are not all known."""
    found = {name: (sorted(one.columns), one.gaps) for name, one in relation.columns.items()}
    return {
        name: " ".join([*(str(one).removeprefix("c.s.") for one in sources), *(["?"] if gaps else [])])
        for name, (sources, gaps) in found.items()
    }


def used(relation: Relation) -> str:
    """The columns that decide the rows, without `c.s.`."""
    return " ".join(sorted(str(one).removeprefix("c.s.") for one in relation.used))


def written(found: Session) -> dict[str, dict[str, str]]:
    """The columns of each table that was written, without `c.s.`."""
    return {str(one.table).removeprefix("c.s."): columns(one.relation) for one in found.writes}


def reads(found: Session) -> list[str]:
    """The tables that were read, with their lines, without `c.s.`."""
    return [f"{str(one.table).removeprefix('c.s.')}:{one.place.line}" for one in found.reads]


def gaps(found: Session) -> list[str]:
    """The reasons for gaps, with their lines."""
    return [f"{one.place.line}: {one.why}" for one in found.gaps]
