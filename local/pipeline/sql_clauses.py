"""The clauses between the name and the query of CREATE MATERIALIZED VIEW and CREATE STREAMING TABLE.

Source: Databricks documentation, "CREATE MATERIALIZED VIEW (pipelines)" and "CREATE STREAMING TABLE".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
    (?P<text> '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `(?:[^`]|``)*` )
    | (?P<open> \( ) | (?P<close> \) ) | (?P<comma> , ) | (?P<equals> = )
    | (?P<word> [^\s(),='"`]+ ) | (?P<space> \s+ )
    """,
    re.VERBOSE,
)
# What a column may have that Delta does not store, up to the next part of the column.
_NOT_STORED = re.compile(
    r"\b(?:CONSTRAINT\s+\S+\s+)?(?:PRIMARY\s+KEY(?:\s+RELY)?|(?:FOREIGN\s+KEY\s+)?REFERENCES\s+[\w.`]+\s*(?:\([^)]*\))?)"
    r"|\bMASK\s+[\w.`]+(?:\s+USING\s+COLUMNS\s*\([^)]*\))?",
    re.IGNORECASE,
)
_CONSTRAINT = re.compile(r"(?:CONSTRAINT|PRIMARY\s+KEY|FOREIGN\s+KEY)\b", re.IGNORECASE)
_WITHOUT_TYPE = re.compile(
    r"(?:`[^`]+`|[^\s`]+)(?:\s+(?:COMMENT|NOT\s+NULL)\b.*)?", re.IGNORECASE | re.DOTALL
)
_TEXT = re.compile(r"('(?:[^'\\]|\\.)*'|`[^`]*`)")


@dataclass(frozen=True)
class Clauses:
    """What a statement declares about a table.

    Args:
        schema: the columns with their types, as DDL; None if the query decides.
        comment: the comment of the table.
        properties: the table properties.
        partitioned_by: the columns of partitions.
        clustered_by: the columns of clusters; None without, and for AUTO.
    """

    schema: str | None = None
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    partitioned_by: list[str] | None = None
    clustered_by: list[str] | None = None


def read(text: str) -> Clauses:
    """Return the clauses of a statement."""
    parts = list(_parts(text))
    words = [part.upper() for part in parts]
    found = Clauses(schema=_schema(parts[0]) if parts and parts[0].startswith("(") else None)
    values: dict[str, object] = {}
    for position, word in enumerate(words):
        following = parts[position + 1] if position + 1 < len(parts) else ""
        columns = _columns(parts[position + 2]) if words[position + 1 : position + 2] == ["BY"] else None
        if word == "COMMENT":
            values["comment"] = _unquoted(following)
        elif word == "TBLPROPERTIES":
            values["properties"] = _properties(following)
        elif word == "PARTITIONED":
            values["partitioned_by"] = columns
        elif word == "CLUSTER":
            values["clustered_by"] = columns
    return Clauses(**{**vars(found), **values})


def _parts(text: str) -> Iterator[str]:
    """Yield the words, texts and groups in parentheses at the top level."""
    depth, group = 0, ""
    for token in _TOKEN.finditer(text):
        depth += bool(token["open"])
        if depth:
            group += token[0]
        elif not token["space"]:
            yield token[0]
        if token["close"]:
            depth -= 1
            if depth == 0:
                yield group
                group = ""


def _items(group: str) -> list[str]:
    """Return what the commas of a group separate."""
    items, depth = [""], 0
    for token in _TOKEN.finditer(group[1:-1]):
        depth += bool(token["open"]) - bool(token["close"])
        if token["comma"] and depth == 0 and items[-1].count("<") <= items[-1].count(">"):
            items.append("")
        else:
            items[-1] += token[0]
    return [item.strip() for item in items if item.strip()]


def _schema(group: str) -> str | None:
    """Return the columns as DDL; None if there are none, or a column has no type."""
    columns = [item for item in _items(group) if not _CONSTRAINT.match(item)]
    if not columns or any(map(_WITHOUT_TYPE.fullmatch, columns)):
        return None
    return ", ".join(map(_stored, columns))


def _stored(column: str) -> str:
    parts = _TEXT.split(column)
    return "".join(part if _TEXT.fullmatch(part) else _NOT_STORED.sub("", part) for part in parts).strip()


def _columns(group: str) -> list[str] | None:
    return [_unquoted(item) for item in _items(group)] if group.startswith("(") else None


def _properties(group: str) -> dict[str, str]:
    pairs = (re.split(r"\s*=\s*|\s+", item, maxsplit=1) for item in _items(group))
    return {_unquoted(pair[0]): _unquoted(pair[1]) for pair in pairs if len(pair) == 2}


def _unquoted(text: str) -> str:
    quote = text[:1]
    if quote not in ("'", '"', "`") or not text.endswith(quote):
        return text
    inner = text[1:-1].replace(quote * 2, quote)
    return inner if quote == "`" else re.sub(r"\\(.)", r"\1", inner)
