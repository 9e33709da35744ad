"""Relations: the columns of a query or data frame, and the columns of tables that each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from mesh.lineage.table import Column, Gap, Place, Table


@dataclass(frozen=True)
class Origin:
    """The source of a value: columns of tables, and what is not known about it.

    Args:
        columns: the columns of tables that it is computed from.
        gaps: why there may be others.
    """

    columns: frozenset[Column] = frozenset()
    gaps: frozenset[Gap] = frozenset()

    def __or__(self, other: Origin) -> Origin:
        return Origin(self.columns | other.columns, self.gaps | other.gaps)


NOWHERE = Origin()
"""The origin of a constant."""


def united(origins: Iterable[Origin]) -> Origin:
    """Returns the origin of a value that is computed from several."""
    found = list(origins)
    return Origin(
        frozenset().union(*(one.columns for one in found)), frozenset().union(*(one.gaps for one in found))
    )


@dataclass(frozen=True)
class Relation:
    """The result of a query, or a data frame.

    Args:
        columns: the known columns in order, by name in lower case.
        rest: tables of which it also has all other columns, because their columns are not known.
        tables: the tables that it is computed from.
        used: columns that decide its rows: those of filters, joins, groups and orders.
        gaps: what is not known about its columns.
        doubts: what is not known about the columns that decide its rows.
    """

    columns: Mapping[str, Origin] = field(default_factory=dict)
    rest: frozenset[Table] = frozenset()
    tables: frozenset[Table] = frozenset()
    used: frozenset[Column] = frozenset()
    gaps: frozenset[Gap] = frozenset()
    doubts: frozenset[Gap] = frozenset()

    @property
    def complete(self) -> bool:
        """True if all its columns are known by name."""
        return not self.rest and not self.gaps

    @property
    def everything(self) -> Origin:
        """The origin of a value that is computed from all columns."""
        others = Origin(frozenset(Column(table, "*") for table in self.rest), self.gaps)
        return united([*self.columns.values(), others])

    @property
    def read(self) -> frozenset[Column]:
        """All columns of tables that it needs; the name `*` stands for all others of a table."""
        return self.everything.columns | self.used

    @property
    def all_tables(self) -> frozenset[Table]:
        """The tables that its rows or columns are computed from."""
        return self.tables | {one.table for one in self.read}

    def column(self, name: str, place: Place) -> Origin:
        """Returns the origin of a column, with a gap if it cannot be known."""
        key = name.lower()
        if key in self.columns:
            return self.columns[key]
        if len(self.rest) == 1:
            return Origin(frozenset(Column(table, key) for table in self.rest))
        if self.rest:
            tables = " or ".join(sorted(map(str, self.rest)))
            why = f"column `{_shown(key)}` may be of {tables}, whose columns are not known"
            return Origin(gaps=frozenset({Gap(place, why)}))
        if self.gaps:
            return Origin(gaps=self.gaps)
        known = ", ".join(map(_shown, self.columns)) or "none"
        why = f"column `{_shown(key)}` is not known here (columns: {known[:200]})"
        return Origin(gaps=frozenset({Gap(place, why, "column")}))

    def using(self, origin: Origin) -> Relation:
        """Returns the relation with rows that depend on a value."""
        return replace(self, used=self.used | origin.columns, doubts=self.doubts | origin.gaps)

    def having(self, columns: Mapping[str, Origin]) -> Relation:
        """Returns the relation with columns added or replaced."""
        return replace(self, columns={**self.columns, **{name.lower(): one for name, one in columns.items()}})

    def only(self, columns: Mapping[str, Origin], rest: frozenset[Table] = frozenset()) -> Relation:
        """Returns the relation with these columns and no others."""
        found = {name.lower(): one for name, one in columns.items()}
        return replace(self, columns=found, rest=rest, gaps=self.gaps if rest else frozenset())

    def without(self, names: Iterable[str]) -> Relation:
        """Returns the relation without some columns."""
        dropped = {name.lower() for name in names}
        return replace(self, columns={name: one for name, one in self.columns.items() if name not in dropped})

    def renamed(self, names: Mapping[str, str], place: Place) -> Relation:
        """Returns the relation with other names of columns.

        Args:
            names: the new names by old names.
            place: where the columns are renamed.
        """
        new = {old.lower(): name.lower() for old, name in names.items()}
        columns = {new.get(name, name): one for name, one in self.columns.items()}
        if self.rest:
            columns |= {name: self.column(old, place) for old, name in new.items() if old not in self.columns}
        return replace(self, columns=columns)

    def beside(self, other: Relation) -> Relation:
        """Returns the columns of both relations in one row, as a join does."""
        columns = dict(self.columns)
        for name, origin in other.columns.items():
            columns[name] = columns[name] | origin if name in columns else origin
        return Relation(
            columns,
            self.rest | other.rest,
            self.tables | other.tables,
            self.used | other.used,
            self.gaps | other.gaps,
            self.doubts | other.doubts,
        )

    def above(self, other: Relation, *, by_name: bool = False) -> Relation:
        """Returns the rows of both relations, as a union does: columns match by position or by name."""
        if by_name or not (self.complete and other.complete):
            return self.beside(other)
        pairs = zip(self.columns.items(), other.columns.values(), strict=False)
        merged = {name: mine | theirs for (name, mine), theirs in pairs}
        return Relation(
            {**self.columns, **merged},
            tables=self.tables | other.tables,
            used=self.used | other.used,
            doubts=self.doubts | other.doubts,
        )

    def mapped(self, change: Callable[[Origin], Origin]) -> Relation:
        """Returns the relation with changed origins."""
        return replace(self, columns={name: change(one) for name, one in self.columns.items()})


EMPTY = Relation()
"""A relation that no table is read for."""


def unknown_columns(relation: Relation, gap: Gap) -> Relation:
    """Returns a relation of the same tables whose columns are not known."""
    everything = relation.everything
    return Relation(
        tables=relation.tables,
        used=relation.used | everything.columns,
        gaps=frozenset({gap}),
        doubts=relation.doubts,
    )


def _shown(name: str) -> str:
    return name[:60]
