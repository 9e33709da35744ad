"""Flows of a pipeline's SQL: `CREATE FLOW`, `AUTO CDC INTO` and its older name `APPLY CHANGES INTO`.

Source: Databricks documentation, "CREATE FLOW (pipelines)" and "AUTO CDC INTO (pipelines)".
"""

import re
from dataclasses import dataclass
from typing import Any

from local.pipeline import auto_cdc
from local.pipeline.auto_cdc import AutoCdc

_NAME = r"(?:\w+|`[^`]+`)(?:\.(?:\w+|`[^`]+`))*"
_FLOW = re.compile(
    rf"CREATE\s+FLOW\s+(?P<name>{_NAME})\s+(?:COMMENT\s+'(?:[^'\\]|\\.|'')*'\s+)?AS\s+(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_INSERT = re.compile(
    rf"INSERT\s+INTO\s+(?P<once>ONCE\s+)?(?P<target>{_NAME})\s+(?:BY\s+NAME\s+)?(?P<query>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CHANGES = re.compile(
    rf"(?:AUTO\s+CDC|APPLY\s+CHANGES)\s+(?P<once>ONCE\s+)?INTO\s+(?P<target>{_NAME})\s+(?P<clauses>.*)",
    re.IGNORECASE | re.DOTALL,
)
# The form inside of CREATE STREAMING TABLE.
OF_TABLE = re.compile(r"\bFLOW\s+AUTO\s+CDC\s+(?P<once>ONCE\s+)?(?P<clauses>.*)", re.IGNORECASE | re.DOTALL)
_CLAUSES = {
    "FROM": "source",
    "KEYS": "keys",
    "IGNORE NULL UPDATES": "ignore_null_updates",
    "APPLY AS DELETE WHEN": "apply_as_deletes",
    "APPLY AS TRUNCATE WHEN": "apply_as_truncates",
    "SEQUENCE BY": "sequence_by",
    "COLUMNS": "column_list",
    "STORED AS SCD TYPE": "stored_as_scd_type",
    "TRACK HISTORY ON": "track_history_column_list",
}
_EXCEPT = {
    "column_list": "except_column_list",
    "track_history_column_list": "track_history_except_column_list",
}
_TOKEN = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|[()]|\b("
    + "|".join(keyword.replace(" ", r"\s+") for keyword in _CLAUSES)
    + r")\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(rf"(?:(?P<stream>STREAM)\b\s*)?\(?\s*(?P<name>{_NAME})\s*\)?", re.IGNORECASE)
_ALL_EXCEPT = re.compile(r"\*\s*EXCEPT\s*(\(.*\))", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class SqlFlow:
    """A flow that SQL defines.

    Args:
        name: its name; None for that of its target.
        target: the dataset that it fills.
        query: the query whose rows it appends, or that reads its events.
        once: whether it runs only once.
        changes: the settings of an auto CDC flow; None for a flow that appends.
    """

    name: str | None
    target: str
    query: str
    once: bool
    changes: AutoCdc | None = None


def read(statement: str) -> SqlFlow | None:
    """Return the flow of a statement; None if it defines none.

    Raises:
        ValueError: a clause is missing or unknown.
    """
    named = _FLOW.fullmatch(statement)
    rest = named["rest"] if named else statement
    name = bare(named["name"]) if named else None
    if insert := _INSERT.fullmatch(rest) if named else None:
        return SqlFlow(name, bare(insert["target"]), insert["query"], bool(insert["once"]))
    if changes := _CHANGES.fullmatch(rest):
        return of_changes(name, bare(changes["target"]), changes["clauses"], once=bool(changes["once"]))
    return None


def of_changes(name: str | None, target: str, text: str, *, once: bool) -> SqlFlow:
    """Return the flow of the clauses of `AUTO CDC`.

    Raises:
        ValueError: a clause is missing or unknown.
    """
    from pyspark.sql import functions

    clauses = _clauses(text)
    source = _SOURCE.fullmatch(clauses.pop("source", ""))
    if source is None:
        raise ValueError(f"AUTO CDC INTO {target} needs FROM STREAM and the name of a table or view")
    arguments: dict[str, Any] = {}
    for argument, value in clauses.items():
        if argument == "ignore_null_updates":
            arguments[argument] = True
        elif argument == "sequence_by":
            arguments[argument] = functions.expr(value)
        elif excluded := _ALL_EXCEPT.fullmatch(value):
            arguments[_EXCEPT[argument]] = _names(excluded[1])
        elif argument in (*_EXCEPT, "keys"):
            arguments[argument] = None if value == "*" else _names(value)
        else:
            arguments[argument] = value
    read_from = source["name"] if once else f"STREAM({source['name']})"
    settings = auto_cdc.settings(name or target, arguments)
    return SqlFlow(name, target, f"FROM {read_from}", once, settings)


def bare(name: str) -> str:
    """Return a name without quotes and without the older prefix `LIVE.`."""
    return re.sub(r"^LIVE\.", "", name.replace("`", ""), flags=re.IGNORECASE)


def _clauses(text: str) -> dict[str, str]:
    """Return the texts of clauses by argument; keywords in parentheses and in quotes do not count."""
    found: list[tuple[str, int, int]] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] == "(") - (token[0] == ")")
        if token[1] and depth == 0:
            keyword = " ".join(token[1].upper().split())
            found.append((_CLAUSES[keyword], token.start(), token.end()))
    ends = [start for _, start, _ in found[1:]] + [len(text)]
    return {name: text[begin:end].strip() for (name, _, begin), end in zip(found, ends, strict=True)}


def _names(text: str) -> list[str]:
    inner = text.strip().removeprefix("(").removesuffix(")")
    return [each.strip().strip("`") for each in inner.split(",") if each.strip()]
