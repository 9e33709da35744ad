"""The query of a view: one statement, with the names and values that parameters make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import Token, TokenType
from sqlglot.dialects.databricks import Databricks

from mesh.finding import Finding, nearest
from mesh.model.notebook import Cell
from mesh.model.sql_file import check_sql, statements

_QUERIES = ("SELECT", "WITH", "FROM", "VALUES", "(")
_NAMED = (TokenType.COLON, TokenType.PARAMETER)

Piece = str | dict[str, Any]
"""SQL as it is written, `{"name": […]}` for a name of several parts, or `{"value": …}` for a parameter."""


def view_query(
    text: str, known: frozenset[str], file: str
) -> tuple[tuple[int, str, tuple[Piece, ...]] | None, list[Finding]]:
    """Returns line, text and pieces of the query in a file, and the findings; None with findings.

    Args:
        text: the text of the file.
        known: the parameters that it may use.
        file: the file, from the mesh's root.
    """
    if wrong := [*check_sql([Cell(text, 1)], file)]:
        return None, wrong
    each = [*statements(Databricks().tokenize(text))]
    first = each[0][0] if each else None
    if first is None or len(each) > 1 or first.text.upper() not in _QUERIES:
        at = each[1][0] if len(each) > 1 else first
        message = "a view is one query: the deployment adds `CREATE VIEW` and the name of the file"
        place = (at.line, _column(at)) if at else (1, 1)
        return None, [Finding(file, *place, "view-not-a-query", f"{message} (write the query alone)")]
    pieces, findings = _pieces(text, each[0], known, file)
    if findings:
        return None, findings
    return (first.line, text[first.start : each[0][-1].end + 1], pieces), []


def _column(token: Token) -> int:
    return max(1, token.col - len(token.text) + 1)  # the parser counts to the end of the word


def _pieces(
    text: str, tokens: list[Token], known: frozenset[str], file: str
) -> tuple[tuple[Piece, ...], list[Finding]]:
    """Returns a query with the names and values that parameters make."""
    pieces: list[Piece] = []
    findings: list[Finding] = []
    at, index = tokens[0].start, 0
    while index < len(tokens):
        token = tokens[index]
        if token.text.upper() == "IDENTIFIER" and index + 1 < len(tokens) and tokens[index + 1].text == "(":
            parts, end = _name(tokens, index + 2)
            if end is None:
                message = "`IDENTIFIER` of a view is made of texts and parameters, joined by `||`"
                place = (token.line, _column(token))
                findings.append(Finding(file, *place, "view-parameter", f"{message} (write it so)"))
                return (), findings
            findings += _unknown(tokens[index:end], parts, known, file)
            pieces += [text[at : token.start], {"name": parts}]
            at, index = tokens[end].end + 1, end + 1
        elif _is_parameter(text, tokens, index):
            name = tokens[index + 1].text
            findings += _unknown(tokens[index:], [{"value": name}], known, file)
            pieces += [text[at : token.start], {"value": name}]
            at, index = tokens[index + 1].end + 1, index + 2
        else:
            index += 1
    rest = text[at : tokens[-1].end + 1]
    if "${" in text or "{{" in text:
        findings.append(
            Finding(
                file, 1, 1, "view-parameter", "`${…}` and `{{…}}` are not replaced in a view (write `:name`)"
            )
        )
    return tuple(filter(None, [*pieces, rest])), findings


def _is_parameter(text: str, tokens: list[Token], index: int) -> bool:
    """True for `:name`, and not for `a:name` or `a::name`, which are in the text of a value and a cast."""
    if tokens[index].token_type not in _NAMED or index + 1 == len(tokens):
        return False
    here, after = tokens[index], tokens[index + 1]
    before = text[max(here.start - 1, 0) : here.start]
    is_path = before.isalnum() or before in tuple("_)]`\"'")
    return after.start == here.end + 1 and after.text.isidentifier() and not is_path


def _name(tokens: list[Token], index: int) -> tuple[list[Any], int | None]:
    """Returns the parts of the name in `IDENTIFIER(…)`, and where it ends; None if it is not simple."""
    parts: list[Any] = []
    while index < len(tokens):
        token = tokens[index]
        if token.text == ")" and token.token_type == TokenType.R_PAREN:
            return parts, index
        if token.token_type == TokenType.STRING:
            parts.append(token.text)
        elif token.token_type in _NAMED and index + 1 < len(tokens):
            index += 1
            parts.append({"value": tokens[index].text})
        elif token.token_type != TokenType.DPIPE:
            return parts, None
        index += 1
    return parts, None


def _unknown(tokens: list[Token], parts: list[Any], known: frozenset[str], file: str) -> Iterator[Finding]:
    for name in (part["value"] for part in parts if isinstance(part, dict)):
        if name not in known:
            token = next(one for one in tokens if one.text == name)
            message = f"`:{name[:120]}` is no location of data that the flow has or reads"
            remedy = f"{nearest(name, known, 'parameters')}; another flow has to be in `reads`"
            column = _column(token)
            yield Finding(file, token.line, column, "view-parameter", f"{message} ({remedy})")
