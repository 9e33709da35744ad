"""SQL as text: parameters and `IDENTIFIER(…)` replaced by the names that they stand for, and statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import Token, TokenType
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import TokenError

from mesh.lineage.table import UNKNOWN, name_parts

LONGEST = 200_000
"""The longest text of SQL that is read, in characters."""

# Databricks documentation, "Parameter markers" and "dynamic value references": `{{name}}` of SQL tasks, and
# `${name}` of notebooks and pipelines, are replaced as text
_TEXTUAL = re.compile(r"\{\{\s*([\w.\-]{1,100})\s*\}\}|\$\{\s*([\w.\-]{1,100})\s*\}")
_OPEN = (TokenType.L_PAREN,)
_NAMED = (TokenType.COLON, TokenType.PARAMETER)

Parameters = Mapping[str, str | None]


class UnreadableError(Exception):
    """The text is not SQL; the message is the reason."""


def resolved(text: str, parameters: Parameters) -> str:
    """Returns SQL with the names that parameters stand for; every line stays on its line.

    Args:
        text: the SQL.
        parameters: the values of parameters; None for a value that only a run knows.

    Raises:
        UnreadableError: the text is too long, or a text or comment in it does not end.
    """
    if len(text) > LONGEST:
        raise UnreadableError(f"the SQL has more than {LONGEST} characters")
    sql = _TEXTUAL.sub(lambda found: _textual(found, parameters), text)
    tokens = tokenized(sql)
    pieces, at = [], 0
    for index, token in enumerate(tokens):
        if token.text.upper() != "IDENTIFIER" or token.start < at:
            continue
        end = _closing(tokens, index + 1)
        if end is None:
            continue
        name = _evaluated(tokens[index + 2 : end], parameters)
        parts = name_parts(name) if name is not None else None
        shown = ".".join(f"`{part.replace('`', '``')}`" for part in parts) if parts else f"`{UNKNOWN}`"
        lines = sql[token.start : tokens[end].end + 1].count("\n")
        pieces += [sql[at : token.start], shown, "\n" * lines]
        at = tokens[end].end + 1
    return "".join([*pieces, sql[at:]])


def tokenized(sql: str) -> list[Token]:
    """Returns the tokens of SQL.

    Raises:
        UnreadableError: a text, name or comment does not end.
    """
    try:
        return Databricks().tokenize(sql)
    except TokenError as error:
        raise UnreadableError("a text, name or comment of the SQL does not end") from error


def _textual(found: re.Match[str], parameters: Parameters) -> str:
    name = found[1] or found[2]
    value = parameters.get(name.removeprefix("job.parameters."))
    if value is None:
        return UNKNOWN
    return value.replace("\n", " ")


def _closing(tokens: Sequence[Token], opening: int) -> int | None:
    """Returns the index of the parenthesis that closes the one at an index; None if there is none."""
    if opening >= len(tokens) or tokens[opening].token_type not in _OPEN:
        return None
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index].token_type == TokenType.L_PAREN) - (
            tokens[index].token_type == TokenType.R_PAREN
        )
        if depth == 0:
            return index
    return None


def _evaluated(tokens: Sequence[Token], parameters: Parameters) -> str | None:
    """Returns the text that texts, parameters, `||` and `concat` make; None if only a run knows it."""
    text, index = "", 0
    while index < len(tokens):
        token = tokens[index]
        if token.token_type == TokenType.STRING:
            text += token.text
        elif token.token_type in _NAMED and index + 1 < len(tokens):
            value = parameters.get(tokens[index + 1].text)
            if value is None:
                return None
            text += value
            index += 1
        elif token.text.upper() != "CONCAT" and token.token_type not in (
            TokenType.DPIPE,
            TokenType.COMMA,
            TokenType.L_PAREN,
            TokenType.R_PAREN,
        ):
            return None
        index += 1
    return text
