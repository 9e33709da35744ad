"""Tables, columns, and places in code: the nouns of lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Place:
    """A line of code.

    Args:
        file: from the mesh's root, with `/`.
        line: counted from 1; in a Jupyter notebook, within the cell.
        cell: the number of a Jupyter notebook's cell; None elsewhere.
    """

    file: str
    line: int
    cell: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.cell is None else f"{self.file}#{self.cell}:{self.line}"


@dataclass(frozen=True, order=True)
class Table:
    """A table or view in Unity Catalog, by its full name in lower case.

    Args:
        catalog: the catalog's name.
        schema: the schema's name.
        name: the table's own name.
    """

    catalog: str
    schema: str
    name: str

    @property
    def schema_name(self) -> str:
        """The full name of its schema."""
        return f"{self.catalog}.{self.schema}"

    def __str__(self) -> str:
        return f"{self.catalog}.{self.schema}.{self.name}"


@dataclass(frozen=True, order=True)
class Column:
    """A column of a table; its name is in lower case, because Spark compares names without case.

    Args:
        table: the table.
        name: the column's name.
    """

    table: Table
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True, order=True)
class Gap:
    """Something about the lineage that the code does not tell.

    Args:
        place: the line of code.
        why: the reason, for people.
        hides: what is missing: `table`, if there may be tables that are not known; `column`, if a column is
            named that no table has; "" for others.
    """

    place: Place
    why: str
    hides: Literal["", "table", "column"] = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


UNKNOWN = "__unknown__"
"""The name in place of a name that only a run knows."""

_LONGEST_NAME = 255 * 3 + 8  # three names of Unity Catalog, quoted


def name_parts(text: str) -> tuple[str, ...] | None:
    """Returns the parts of a name as SQL writes it, in lower case; None if it is no name.

    Args:
        text: for example `` `my-catalog`.prices.daily``.
    """
    if not text or len(text) > _LONGEST_NAME:
        return None
    parts, rest = [], text.strip()
    while rest:
        if rest[0] == "`":
            part, quoted, rest = _quoted(rest)
            if not quoted:
                return None
        else:
            end = rest.find(".")
            part, rest = (rest, "") if end < 0 else (rest[:end], rest[end:])
            part = part.strip()
        if not part or (rest and rest[0] != "."):
            return None
        parts.append(part.lower())
        if rest == ".":
            return None
        rest = rest[1:]
    return tuple(parts)


def _quoted(text: str) -> tuple[str, bool, str]:
    """Returns the name in backticks at the beginning, True if it ends, and the rest."""
    part, at = "", 1
    while at < len(text):
        if text[at] == "`":
            if text[at + 1 : at + 2] != "`":
                return part, True, text[at + 1 :].lstrip()
            at += 1
        part += text[at]
        at += 1
    return part, False, ""
