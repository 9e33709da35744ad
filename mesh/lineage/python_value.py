"""Values of Python code, as far as they can be known without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mesh.lineage.relation import EMPTY, NOWHERE, Origin, Relation, united
from mesh.lineage.table import UNKNOWN, Gap, Place


@dataclass(frozen=True)
class Known:
    """A constant: text, number, boolean or None. A text may contain `UNKNOWN` for unknown parts."""

    value: object


@dataclass(frozen=True)
class Items:
    """A list, tuple, set or generator of known length."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Pairs:
    """A dictionary with known keys."""

    items: Mapping[str, Value]


@dataclass(frozen=True)
class Frame:
    """A data frame.

    Args:
        relation: its columns.
        aliases: the relations of joined frames, by the names that `alias` gave them.
    """

    relation: Relation
    aliases: Mapping[str, Relation] = field(default_factory=dict)

    def column(self, name: str, place: Place) -> Origin:
        """Returns the origin of a column by its name: `amount`, `t.amount` or `struct.field`."""
        plain = name.replace("`", "")
        if plain == "*":
            return self.relation.everything
        first, dot, rest = plain.partition(".")
        if dot and plain.lower() not in self.relation.columns:
            if first in self.aliases:
                return Frame(self.aliases[first]).column(rest, place)
            return self.relation.column(first, place)
        return self.relation.column(plain, place)

    def origin(self, expression: Expr, place: Place) -> Origin:
        """Returns the origin of an expression over this frame."""
        return united([expression.origin, *(self.column(name, place) for name in sorted(expression.names))])


@dataclass(frozen=True)
class Expr:
    """A column expression.

    Args:
        origin: the origin of columns that were taken from a frame.
        names: columns by name, of the frame that the expression is used on.
        label: the name that the column gets; None if Spark makes one.
        whole: True for `*`, all columns.
    """

    origin: Origin = NOWHERE
    names: frozenset[str] = frozenset()
    label: str | None = None
    whole: bool = False


@dataclass(frozen=True)
class Grouped:
    """A grouped frame: the result of `groupBy`."""

    frame: Frame
    keys: tuple[Expr, ...]
    pivoted: bool = False


@dataclass(frozen=True)
class Writer:
    """The writer of a frame.

    Args:
        relation: the rows.
        table: the table that `writeTo` names.
        partial: True if the table keeps other rows.
    """

    relation: Relation
    table: Value | None = None
    partial: bool = False


@dataclass(frozen=True)
class Merge:
    """A merge into a Delta table that is being built.

    Args:
        name: the table's name.
        target: the table.
        source: the rows that are merged.
        columns: the columns that are set so far.
    """

    name: str
    target: Frame
    source: Frame | None = None
    columns: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """A piece of code: a file or a cell.

    Args:
        file: from the mesh's root.
        offset: the lines before it in the file.
        cell: the number of a Jupyter notebook's cell.
    """

    file: str
    offset: int = 0
    cell: int | None = None

    def place(self, line: int) -> Place:
        """Returns the place of a line of the code, counted from 1."""
        return Place(self.file, self.offset + line, self.cell)


class Variables:
    """The variables of a module or a function."""

    def __init__(self, above: Variables | None = None) -> None:
        self.values: dict[str, Value] = {}
        self.above = above

    def get(self, name: str) -> Value | None:
        """Returns the value of a variable; None if it is not defined here."""
        found = self.values.get(name)
        return self.above.get(name) if found is None and self.above else found

    def copy(self) -> Variables:
        """Returns a copy that changes on its own; enclosing variables are shared."""
        other = Variables(self.above)
        other.values = dict(self.values)
        return other


@dataclass(frozen=True, eq=False)
class Function:
    """A function that the code defines."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    variables: Variables
    unit: Unit


@dataclass(frozen=True, eq=False)
class Module:
    """A module of the mesh that the code imports."""

    variables: Variables


@dataclass(frozen=True)
class External:
    """Something of another package, by its dotted name: `pyspark.sql.functions.sum`."""

    name: str


@dataclass(frozen=True)
class Bound:
    """A method of a value."""

    receiver: Value
    name: str


@dataclass(frozen=True)
class Computed:
    """A value that only a run knows.

    Args:
        gap: why it is not known; None for data.
        relation: the data that it is computed from.
        plain: True if it is certainly no column: a parameter.
    """

    gap: Gap | None = None
    relation: Relation = EMPTY
    plain: bool = False


Value = (
    Known
    | Items
    | Pairs
    | Frame
    | Expr
    | Grouped
    | Writer
    | Merge
    | Function
    | Module
    | External
    | Bound
    | Computed
)
NONE = Known(None)


def certain(value: Value) -> bool:
    """True for a constant without unknown parts."""
    return isinstance(value, Known) and not (isinstance(value.value, str) and UNKNOWN in value.value)


def text_of(value: Value | None) -> str | None:
    """Returns the text of a value; None if it is no text."""
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def texts_of(value: Value | None) -> list[str]:
    """Returns the texts of a text or list of texts."""
    if isinstance(value, Items):
        return [text for one in value.items for text in texts_of(one)]
    text = text_of(value)
    return [] if text is None else [text]


def data_of(values: Iterable[Value | None]) -> Relation:
    """Returns the data that values are computed from, as one relation."""
    found = EMPTY
    for value in values:
        if isinstance(value, Frame | Writer | Computed):
            found = found.beside(value.relation)
        elif isinstance(value, Grouped):
            found = found.beside(value.frame.relation)
        elif isinstance(value, Items):
            found = found.beside(data_of(value.items))
        elif isinstance(value, Pairs):
            found = found.beside(data_of(value.items.values()))
        elif isinstance(value, Bound):
            found = found.beside(data_of([value.receiver]))
        elif isinstance(value, Expr) and value.origin.columns:
            tables = frozenset(one.table for one in value.origin.columns)
            found = found.beside(Relation(tables=tables, used=value.origin.columns))
    return found


def gap_of(values: Iterable[Value | None]) -> Gap | None:
    """Returns the first reason why one of the values is not known."""
    return next((one.gap for one in values if isinstance(one, Computed) and one.gap), None)


def as_expression(value: Value, *, names: bool) -> Expr:
    """Returns a value as a column expression.

    Args:
        value: the value.
        names: True if a text is the name of a column.
    """
    if isinstance(value, Expr):
        return value
    text = text_of(value)
    if names and text is not None:
        if text == "*":
            return Expr(whole=True)
        return Expr(names=frozenset({text}), label=text.replace("`", "").rpartition(".")[2])
    if isinstance(value, Computed):
        origin = value.relation.everything
        return Expr(origin | Origin(gaps=frozenset({value.gap} if value.gap and not value.plain else ())))
    if isinstance(value, Items):
        return combined([as_expression(one, names=names) for one in value.items])
    return Expr()


def combined(expressions: Iterable[Expr], label: str | None = None) -> Expr:
    """Returns an expression that is computed from others."""
    found = list(expressions)
    names = frozenset().union(*(one.names for one in found)) if found else frozenset()
    return Expr(united(one.origin for one in found), names, label)


def either(values: Iterable[Value], place: Place) -> Value:
    """Returns the value after code that ran in one way or another."""
    found = list(values)
    if all(one == found[0] for one in found[1:]):
        return found[0]
    if all(isinstance(one, Frame) for one in found):
        relation = EMPTY
        for one in found:
            assert isinstance(one, Frame)
            relation = relation.beside(one.relation)
        return Frame(relation)
    if all(isinstance(one, Expr) for one in found):
        return combined(one for one in found if isinstance(one, Expr))
    return Computed(Gap(place, "the value depends on a condition"), data_of(found))
