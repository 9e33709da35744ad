"""A session: what the code of one task knows while it runs, and the accesses to tables that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mesh.lineage.relation import EMPTY, Origin, Relation
from mesh.lineage.table import UNKNOWN, Column, Gap, Place, Table, name_parts

Schemas = Callable[[Table], Sequence[str] | None]
"""Returns the columns of a table in lower case; None where they are not known."""

# Databricks documentation, "Query data by path": the formats of `format`.`path`
_FORMATS = frozenset(
    {"avro", "binaryfile", "csv", "delta", "iceberg", "json", "orc", "parquet", "text", "xml"}
)
_TEMPORARY = frozenset({"global_temp"})
_LIVE = "live"  # Databricks documentation, "LIVE schema": the datasets of the pipeline itself


@dataclass(frozen=True)
class Surroundings:
    """What the deployment tells a task.

    Args:
        parameters: by name; None for a value that only a run knows.
        catalog: the default catalog, of pipelines.
        schema: the default schema, of pipelines.
        names: brickops' naming functions; None where they are not known.
    """

    parameters: Mapping[str, str | None] = field(default_factory=dict)
    catalog: str | None = None
    schema: str | None = None
    names: Names | None = None


@dataclass(frozen=True)
class Names:
    """The names that `brickops.datamesh.naming` computes in a notebook of a flow.

    Args:
        env: the environment.
        catalog: the catalog of the flow.
        schema: computes the name of a schema from the name that the flow declares.
    """

    env: str
    catalog: str
    schema: Callable[[str], str]


@dataclass(frozen=True)
class Read:
    """A table that code reads.

    Args:
        table: the table.
        place: the line that names it.
    """

    table: Table
    place: Place


@dataclass(frozen=True)
class Write:
    """A table that code writes.

    Args:
        table: the table.
        place: the line that writes it.
        relation: the rows that are written.
        partial: True if the table keeps other columns or rows.
    """

    table: Table
    place: Place
    relation: Relation = EMPTY
    partial: bool = False


class Session:
    """The state of a Spark session while its code is read, and what the code did.

    Args:
        given: what the deployment tells the task.
        schemas: the columns of tables, as far as they are known.
    """

    def __init__(self, given: Surroundings, schemas: Schemas = lambda _: None) -> None:
        self.given = given
        self.parameters = dict(given.parameters)
        self.catalog = given.catalog
        self.schema = given.schema
        self.views: dict[str, Relation] = {}
        self.reads: dict[Read, None] = {}
        self.writes: list[Write] = []
        self.columns: set[Column] = set()
        self.gaps: dict[Gap, None] = {}
        self._schemas = schemas

    def unknown(self, place: Place, why: str) -> Gap:
        """Records something that the code does not tell."""
        gap = Gap(place, why, "table")
        self.gaps[gap] = None
        return gap

    def named(self, name: str, place: Place) -> Relation:
        """Returns the relation that a name in the code stands for, and records that its table is read.

        Args:
            name: as SQL writes it: a table, a temporary view, or a path such as ``delta.`/mnt/x` ``.
            place: the line.
        """
        parts = name_parts(name)
        if parts and (view := self._view(parts)) is not None:
            return view
        if parts and len(parts) == 2 and parts[0] in _FORMATS:
            return files(Gap(place, f"the columns of files are not known (`{name[:60]}`)"))
        table = self.table(parts, name, place)
        if not table:
            return Relation(gaps=frozenset({Gap(place, f"table `{name[:60]}` is not known")}))
        self.reads[Read(table, place)] = None
        return self.relation(table)

    def relation(self, table: Table) -> Relation:
        """Returns a table as a relation."""
        known = self._columns(table)
        if known is None:
            return Relation(rest=frozenset({table}), tables=frozenset({table}))
        columns = {name: Origin(frozenset({Column(table, name)})) for name in known}
        return Relation(columns, tables=frozenset({table}))

    def _columns(self, table: Table) -> Sequence[str] | None:
        """Returns the columns that this session wrote, else those that are known."""
        last = next((one for one in reversed(self.writes) if one.table == table), None)
        if last and not last.partial and last.relation.complete:
            return tuple(last.relation.columns)
        return self._schemas(table)

    def _view(self, parts: Sequence[str]) -> Relation | None:
        if len(parts) == 1 or (len(parts) == 2 and parts[0] in _TEMPORARY | {_LIVE}):
            return self.views.get(parts[-1])
        return None

    def table(self, parts: Sequence[str] | None, name: str, place: Place) -> Table | None:
        """Returns the table of a name; records a gap and returns None if it is not known.

        Args:
            parts: the parts of the name; None if it is no name.
            name: the name as written.
            place: the line.
        """
        shown = name[:60]
        if not parts or len(parts) > 3:
            self.unknown(place, f"`{shown}` is not the name of a table")
            return None
        if any(UNKNOWN in part for part in parts):
            self.unknown(place, "the name of this table is only known when the code runs")
            return None
        if parts[0] == _LIVE and len(parts) == 2:
            parts = parts[1:]
        missing = [
            what
            for what, known in (("catalog", self.catalog), ("schema", self.schema))[: 3 - len(parts)]
            if not known
        ]
        if missing:
            self.unknown(place, f"table `{shown}` names no {missing[0]}, and the default is not known")
            return None
        full = (self.catalog or "", self.schema or "")[: 3 - len(parts)] + tuple(parts)
        return Table(*full)

    def written(self, name: str, place: Place, relation: Relation = EMPTY, *, partial: bool = False) -> None:
        """Records that a table is written.

        Args:
            name: as SQL writes it.
            place: the line.
            relation: the rows that are written.
            partial: True if the table keeps other columns or rows.
        """
        parts = name_parts(name)
        self.needs(relation)
        if parts and len(parts) == 2 and parts[0] in _FORMATS:
            return
        if table := self.table(parts, name, place):
            self.writes.append(Write(table, place, relation, partial))

    def needs(self, relation: Relation) -> None:
        """Records that a relation is computed: its columns are read."""
        self.columns |= relation.read
        for gap in sorted(relation.everything.gaps | relation.doubts):
            self.gaps[gap] = None


def files(gap: Gap) -> Relation:
    """Returns the relation of files."""
    return Relation(gaps=frozenset({gap}))


def viewed(relation: Relation, names: Sequence[str]) -> Relation:
    """Returns a relation with other names for its columns, as `CREATE VIEW v (a, b)` gives them."""
    if not names or len(names) != len(relation.columns) or not relation.complete:
        return relation
    return replace(relation, columns=dict(zip(map(str.lower, names), relation.columns.values(), strict=True)))
