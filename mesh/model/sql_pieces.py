"""SQL in pieces: with the names and values that parameters make, where Databricks allows no parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import Token, TokenType

from mesh.finding import Finding, nearest

_NAMED = (TokenType.COLON, TokenType.PARAMETER)

Piece = str | dict[str, Any]
"""SQL as it is written, `{"name": […]}` for a name of several parts, or `{"value": …}` for a parameter."""


def column(token: Token) -> int:
    """Returns the column where a word begins; the parser counts to its end."""
    return max(1, token.col - len(token.text) + 1)


def sql_pieces(
    text: str, tokens: Sequence[Token], known: frozenset[str], file: str, kind: str
) -> tuple[tuple[Piece, ...], list[Finding]]:
    """Returns SQL with the names and values that parameters make, and the findings.

    Args:
        text: the text of the file.
        tokens: the tokens of the SQL in it.
        known: the parameters that it may use.
        file: the file, from the mesh's root.
        kind: `view` or `function`.
    """
    pieces: list[Piece] = []
    findings: list[Finding] = []
    at, index = tokens[0].start, 0
    while index < len(tokens):
        token = tokens[index]
        if token.text.upper() == "IDENTIFIER" and index + 1 < len(tokens) and tokens[index + 1].text == "(":
            parts, end = _name(tokens, index + 2)
            if end is None:
                message = f"`IDENTIFIER` of a {kind} is made of texts and parameters, joined by `||`"
                place = (token.line, column(token))
                findings.append(Finding(file, *place, f"{kind}-parameter", f"{message} (write it so)"))
                return (), findings
            findings += _unknown(tokens[index:end], parts, known, file, kind)
            pieces += [text[at : token.start], {"name": parts}]
            at, index = tokens[end].end + 1, end + 1
        elif is_parameter(text, tokens, index):
            name = tokens[index + 1].text
            findings += _unknown(tokens[index:], [{"value": name}], known, file, kind)
            pieces += [text[at : token.start], {"value": name}]
            at, index = tokens[index + 1].end + 1, index + 2
        else:
            index += 1
    rest = text[at : tokens[-1].end + 1]
    whole = text[tokens[0].start : tokens[-1].end + 1]
    if "${" in whole or "{{" in whole:
        findings.append(not_replaced(file, kind))
    return tuple(filter(None, [*pieces, rest])), findings


def not_replaced(file: str, kind: str) -> Finding:
    """Returns the finding of SQL with parameters that only files of tasks have.

    Args:
        file: the file, from the mesh's root.
        kind: `view` or `function`.
    """
    message = f"`${{…}}` and `{{{{…}}}}` are not replaced in a {kind} (write `:name`)"
    return Finding(file, 1, 1, f"{kind}-parameter", message)


def is_parameter(text: str, tokens: Sequence[Token], index: int) -> bool:
    """True for `:name`, and not for `a:name` or `a::name`, which are in the text of a value and a cast."""
    if tokens[index].token_type not in _NAMED or index + 1 == len(tokens):
        return False
    here, after = tokens[index], tokens[index + 1]
    before = text[max(here.start - 1, 0) : here.start]
    is_path = before.isalnum() or before in tuple("_)]`\"'")
    return after.start == here.end + 1 and after.text.isidentifier() and not is_path


def _name(tokens: Sequence[Token], index: int) -> tuple[list[Any], int | None]:
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


def _unknown(
    tokens: Sequence[Token], parts: list[Any], known: frozenset[str], file: str, kind: str
) -> Iterator[Finding]:
    for name in (part["value"] for part in parts if isinstance(part, dict)):
        if name not in known:
            token = next(one for one in tokens if one.text == name)
            message = f"`:{name[:120]}` is no location of data that the flow has or reads"
            remedy = f"{nearest(name, known, 'parameters')}; another flow has to be in `reads`"
            place = (token.line, column(token))
            yield Finding(file, *place, f"{kind}-parameter", f"{message} ({remedy})")
