"""Compares two tables and describes the difference: columns, missing rows, extra rows and changed values."""

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MAX_SHOWN = 20
WIDEST = 40
_SIGNIFICANT = 9  # digits of floating-point numbers that count


@dataclass(frozen=True)
class Rows:
    """The rows of a table.

    Args:
        columns: the names of its columns.
        values: the rows, in the order of the columns.
    """

    columns: Sequence[str]
    values: Sequence[Sequence[Any]]


def difference(actual: Rows, expected: Rows, *, key: Sequence[str] = (), ordered: bool = False) -> str:
    """Returns a description of the difference between two tables; "" if they are equal.

    Columns may be in any order. Numbers are equal if their values are; of floating-point numbers nine digits
    count. A row of the table and an expected row are shown as one changed row if their keys are equal, or,
    without a key, if at least half of their values are.

    Args:
        actual: the table.
        expected: what it should be.
        key: the columns that identify a row.
        ordered: True if the order of rows counts.
    """
    columns = _columns(actual.columns, expected.columns)
    if columns:
        return columns
    names = list(expected.columns)
    order = [list(actual.columns).index(name) for name in names]
    mine = [tuple(_normal(row[i]) for i in order) for row in actual.values]
    theirs = [tuple(_normal(value) for value in row) for row in expected.values]
    extra = [*(Counter(mine) - Counter(theirs)).elements()]
    missing = [*(Counter(theirs) - Counter(mine)).elements()]
    if not extra and not missing:
        return _order(mine, theirs, names) if ordered and mine != theirs else ""
    unknown = [name for name in key if name not in names]
    if unknown:
        return f"the key `{unknown[0]}` is not a column (columns: {', '.join(names)})"
    pairs = _pairs(extra, missing, [names.index(name) for name in key])
    for a, e in pairs:
        extra.remove(a)
        missing.remove(e)
    parts = [f"{len(mine)} rows, expected {len(theirs)}"]
    parts += _changed(pairs, names)
    parts += _listed("missing rows (expected, not in the table)", missing, names)
    parts += _listed("extra rows (in the table, not expected)", extra, names)
    return "\n".join(parts)


def _columns(actual: Sequence[str], expected: Sequence[str]) -> str:
    missing = [name for name in expected if name not in actual]
    extra = [name for name in actual if name not in expected]
    parts = [f"missing columns: {', '.join(missing)}"] if missing else []
    parts += [f"extra columns: {', '.join(extra)}"] if extra else []
    return "\n".join(parts)


def _order(mine: Sequence[Any], theirs: Sequence[Any], names: Sequence[str]) -> str:
    index = next(i for i, (a, e) in enumerate(zip(mine, theirs, strict=True)) if a != e)
    shown = _grid(
        [[name, _shown(a), _shown(e)] for name, a, e in zip(names, mine[index], theirs[index], strict=True)]
    )
    return "\n".join(
        [f"the rows are in another order, from row {index + 1} (column, actual, expected):", *shown]
    )


def _pairs(extra: Sequence[Any], missing: Sequence[Any], key: Sequence[int]) -> list[tuple[Any, Any]]:
    """Rows of the table with the expected rows that they are likely to be."""
    left, pairs = [*missing], list[tuple[Any, Any]]()
    for row in extra:
        if key:
            found = next((one for one in left if all(one[i] == row[i] for i in key)), None)
        else:
            scored = [(sum(a == b for a, b in zip(row, one, strict=True)), i) for i, one in enumerate(left)]
            best, index = max(scored, key=lambda one: (one[0], -one[1]), default=(0, 0))
            found = left[index] if left and best * 2 >= len(row) and best else None
        if found is not None:
            left.remove(found)
            pairs.append((row, found))
    return pairs


def _changed(pairs: Sequence[tuple[Any, Any]], names: Sequence[str]) -> list[str]:
    if not pairs:
        return []
    rows = [list(names)]
    for actual, expected in pairs[:MAX_SHOWN]:
        cells = zip(actual, expected, strict=True)
        rows.append([_shown(e) if a == e else f"{_shown(a)} ≠ {_shown(e)}" for a, e in cells])
    return [f"changed rows (actual ≠ expected): {len(pairs)}", *_grid(rows), *_more(len(pairs))]


def _listed(title: str, rows: Sequence[Any], names: Sequence[str]) -> list[str]:
    if not rows:
        return []
    grid = _grid([list(names), *([_shown(value) for value in row] for row in rows[:MAX_SHOWN])])
    return [f"{title}: {len(rows)}", *grid, *_more(len(rows))]


def _more(count: int) -> list[str]:
    return [f"  … and {count - MAX_SHOWN} more"] if count > MAX_SHOWN else []


def _grid(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [f"  {line}".rstrip() for line in lines]


def _shown(value: Any) -> str:
    text = "null" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _normal(value: Any) -> Any:
    """The value in a form in which equal values of different types are equal."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):  # True would be equal to 1
        return str(value).lower()
    if isinstance(value, float):
        return Decimal(f"{value:.{_SIGNIFICANT}g}").normalize() if abs(value) < float("inf") else str(value)
    if isinstance(value, int | Decimal):
        return Decimal(value).normalize()
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), _normal(one)) for name, one in value.items()))
    if isinstance(value, list | tuple):
        return tuple(_normal(one) for one in value)
    return str(value)
