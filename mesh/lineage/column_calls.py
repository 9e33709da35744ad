"""Calls that make column expressions: `pyspark.sql.functions`, and methods of columns.

Source: PySpark API reference, "Functions" and "Column".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from mesh.lineage.python_value import (
    Computed,
    Expr,
    Frame,
    Items,
    Known,
    Value,
    as_expression,
    combined,
    text_of,
)
from mesh.lineage.relation import Origin
from mesh.lineage.sql_query import DIALECT
from mesh.lineage.sql_text import LONGEST
from mesh.lineage.table import UNKNOWN, Gap, Place

FUNCTIONS = "pyspark.sql.functions."
_WINDOW = ("pyspark.sql.Window.", "pyspark.sql.window.Window.")

# Functions of which every text is the name of a column; of others only the first text is
_ALL_COLUMNS = frozenset(
    [
        "array",
        "array_except",
        "array_intersect",
        "array_join",
        "array_union",
        "arrays_overlap",
        "arrays_zip",
        "atan2",
        "coalesce",
        "collect_list",
        "concat",
        "corr",
        "count_distinct",
        "countDistinct",
        "covar_pop",
        "covar_samp",
        "create_map",
        "datediff",
        "date_diff",
        "equal_null",
        "greatest",
        "grouping_id",
        "hash",
        "hypot",
        "ifnull",
        "inline",
        "isnull",
        "least",
        "levenshtein",
        "map_concat",
        "map_from_arrays",
        "max_by",
        "min_by",
        "months_between",
        "named_struct",
        "nullif",
        "nvl",
        "nvl2",
        "pow",
        "power",
        "struct",
        "stack",
        "xxhash64",
    ]
)
# Functions of which only later texts are names of columns
_AFTER_FIRST = frozenset({"concat_ws", "format_string", "printf"})
_ONLY_TEXT = frozenset({"lit", "current_date", "current_timestamp", "rand", "randn", "uuid", "window_time"})
_ORDER = frozenset(
    {"asc", "desc", "asc_nulls_first", "asc_nulls_last", "desc_nulls_first", "desc_nulls_last"}
)
# Methods that keep the name of a column
_SAME_NAME = frozenset({"cast", "astype", "over", *_ORDER})


def sql_expression(text: str, place: Place) -> Expr:
    """Returns a SQL expression as a column expression.

    Args:
        text: for example `amount * 2 AS double`.
        place: the line.
    """
    try:
        if len(text) > LONGEST:
            raise SqlglotError
        parsed = sqlglot.parse_one(text, dialect=DIALECT)
    except (SqlglotError, RecursionError):
        return Expr(Origin(gaps=frozenset({Gap(place, f"the expression `{text[:60]}` cannot be read")})))
    if isinstance(parsed, exp.Star):
        return Expr(whole=True)
    gaps = frozenset[Gap]()
    if parsed.find(exp.Query):
        gaps = frozenset({Gap(place, "a query in an expression is not followed")})
    names = frozenset(".".join(part.name for part in one.parts) for one in parsed.find_all(exp.Column))
    return Expr(Origin(gaps=gaps), names, parsed.alias_or_name or text.strip())


def is_window(name: str) -> bool:
    """True if an external name makes a window."""
    return f"{name}.".startswith(_WINDOW) or name.startswith(_WINDOW)


def call_function(
    name: str, arguments: Sequence[Value], keywords: Mapping[str, Value], place: Place
) -> Value:
    """Calls a function of `pyspark.sql.functions`.

    Args:
        name: its name, without the module.
        arguments: the positional arguments.
        keywords: the others.
        place: the line.
    """
    given = [*arguments, *keywords.values()]
    first = given[0] if given else None
    text = text_of(first)
    if name in ("col", "column"):
        if text is None or UNKNOWN in text:
            gap = first.gap if isinstance(first, Computed) and first.gap else None
            why = gap or Gap(place, "the name of a column is only known when the code runs")
            return Expr(Origin(gaps=frozenset({why})))
        return as_expression(Known(text), names=True)
    if name == "expr" and text is not None:
        return sql_expression(text, place)
    if name == "broadcast" and isinstance(first, Frame):
        return first
    if name in ("udf", "pandas_udf"):
        return Known(None) if first is None else first
    if name in _ONLY_TEXT:
        return combined(as_expression(one, names=False) for one in given)
    if name in _ORDER:
        return as_expression(first or Known(None), names=True)
    expressions = [
        as_expression(one, names=_is_name(name, index) or isinstance(one, Items))
        for index, one in enumerate(given)
    ]
    return combined((one for one in expressions if not one.whole), _label(name, expressions))


def _is_name(function: str, index: int) -> bool:
    if function == "when":
        return False
    if function in _AFTER_FIRST:
        return index > 0
    return index == 0 or function in _ALL_COLUMNS


def _label(function: str, expressions: Sequence[Expr]) -> str | None:
    """Returns the name that Spark gives to the result: `sum(amount)`."""
    inner = "1" if not expressions or expressions[0].whole else expressions[0].label
    return f"{function}({inner})" if len(expressions) <= 1 and inner else None


def call_method(receiver: Expr, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Expr:
    """Calls a method of a column.

    Args:
        receiver: the column.
        name: the method.
        arguments: the positional arguments.
        keywords: the others.
    """
    if name in ("alias", "name"):
        return Expr(receiver.origin, receiver.names, text_of(arguments[0]) if arguments else receiver.label)
    others = [as_expression(one, names=False) for one in (*arguments, *keywords.values())]
    label = receiver.label if name in _SAME_NAME else None
    return combined([receiver, *others], label)
