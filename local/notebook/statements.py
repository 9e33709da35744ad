"""Splits SQL text into statements and finds their parameters."""

import re

_PARTS = re.compile(
    r"""
    (?P<text> '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.)*" | `(?:[^`]|``)*` )
    | (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<end> ; )
    | (?P<marker> (?<![:\w]) : (?P<name>[A-Za-z_]\w*) )
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def split(sql: str) -> list[str]:
    """Returns the statements of a text, without the semicolons that separate them."""
    statements, current = list[str](), list[str]()
    for part in _PARTS.finditer(sql):
        if part["end"]:
            statements.append("".join(current))
            current = []
        elif not part["comment"]:
            current.append(part[0])
        else:
            current.append("\n" if "\n" in part[0] else " ")
    statements.append("".join(current))
    return [statement.strip() for statement in statements if statement.strip()]


def markers(statement: str) -> set[str]:
    """Return the names of the parameters (`:name`) in a statement."""
    return {part["name"] for part in _PARTS.finditer(statement) if part["marker"]}
