"""The statement that creates a function, in the parts of which the deployment makes its own.

Source: Databricks documentation, "CREATE FUNCTION (SQL and Python)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import Token, TokenType
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import TokenError

from mesh.finding import Finding
from mesh.model.naming import stored_name
from mesh.model.notebook import Cell
from mesh.model.sql_file import check_sql, statements
from mesh.model.sql_pieces import Piece, column, is_parameter, not_replaced, sql_pieces

# The code of a function in Python, which is no SQL, and ends the statement; comments may follow. Nothing is
# tried twice (`*+`, no `$$` in comments): a line of dashes could be read in very many ways
_END = r"(?=(?:;|--[^\n]*+|/\*(?:(?!\*/|\$\$).)*+\*/|\s)*+\Z)"
_CODE = re.compile(rf"(?<=\bAS)(\s*)(\$\$(?:(?!\$\$).)*\$\$){_END}", re.IGNORECASE | re.DOTALL)
_QUERIES = ("SELECT", "WITH")
_TEXTS = (TokenType.STRING, TokenType.RAW_STRING)
_FORM = "a file in `functions` is one `CREATE FUNCTION name(…) RETURNS … RETURN …`"


@dataclass(frozen=True)
class Statement:
    """A statement that creates a function.

    Args:
        line: its line.
        text: the statement.
        head: what is between the name and the end of the comment's text.
        pieces: the rest, with the parameters in it.
        calls: the names of functions that it calls without catalog and schema, in lower case.
    """

    line: int
    text: str
    head: str
    pieces: tuple[Piece, ...]
    calls: frozenset[str]


class _UnreadableError(Exception):
    def __init__(self, code: str, message: str, at: Token | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.place = (at.line, column(at)) if at else (1, 1)


def function_statement(
    text: str, name: str, known: frozenset[str], file: str
) -> tuple[Statement | None, list[Finding]]:
    """Returns the statement in a file, and the findings; None with findings.

    Args:
        text: the text of the file.
        name: the name of the function, as Unity Catalog stores it.
        known: the parameters that it may use.
        file: the file, from the mesh's root.
    """
    masked = _CODE.sub(lambda found: found[1] + _as_text(found[2]), text)
    if wrong := [*check_sql([Cell(masked, 1)], file)]:
        return None, wrong
    try:
        tokens = _one_statement(masked)
        at = _name_index(tokens, name)
        body = _body_index(tokens, at + 1)
    except _UnreadableError as error:
        return None, [Finding(file, *error.place, error.code, str(error))]
    except TokenError:  # the check leaves out what is in such a parameter, for example a quotation mark
        return None, [not_replaced(file, "function")]
    is_python = tokens[body].text.upper() == "AS"
    if not is_python and (wrong := [*check_sql([Cell(_returned(masked, tokens[body:]), 1)], file)]):
        return None, wrong
    pieces, findings = (("",), []) if is_python else sql_pieces(text, tokens[body:], known, file, "function")
    in_head = (
        one
        for index, one in enumerate(tokens[:body])
        if is_parameter(text, tokens, index) and tokens[index + 1].text in known  # no type, as in `a :INT`
    )
    if default := next(in_head, None):
        message = "a parameter of the job has its place after `RETURN` alone (write the value here)"
        findings.append(Finding(file, default.line, column(default), "function-parameter", message))
    whole = text[tokens[0].start : tokens[-1].end + 1]
    if not findings and "${" in whole:
        message = "Spark replaces `${…}` in every text (write `$` and `{` apart, such as `'$' '{…}'`)"
        line = text.count("\n", 0, text.index("${", tokens[0].start)) + 1
        findings = [Finding(file, line, 1, "function-parameter", message)]
    if findings:
        return None, findings
    head, rest = _head(text, tokens, at, body)
    made = (rest, text[tokens[body].start : tokens[-1].end + 1]) if is_python else (rest, *pieces)
    calls = frozenset() if is_python else frozenset(_calls(tokens[body:], pieces, name))
    return Statement(tokens[0].line, whole, head, made, calls), []


def _as_text(code: str) -> str:
    """Returns a text of the same length and lines."""
    return "'" + re.sub(r"[^\n]", " ", code[1:-1]) + "'"


def _one_statement(text: str) -> list[Token]:
    each = [*statements(Databricks().tokenize(text))]
    if len(each) != 1:
        at = each[1][0] if each else None
        raise _UnreadableError("function-not-a-statement", f"{_FORM} (write one statement)", at)
    return each[0]


def _name_index(tokens: Sequence[Token], name: str) -> int:
    """Returns the index of the function's name."""
    words = [token.text.upper() for token in tokens[:8]]
    at = 0
    for optional, step in (
        (False, ["CREATE"]),
        (True, ["OR", "REPLACE"]),
        (False, ["FUNCTION"]),
        (True, ["IF", "NOT", "EXISTS"]),
    ):
        if words[at : at + len(step)] == step:
            at += len(step)
        elif not optional:
            wrong = tokens[min(at, len(tokens) - 1)]
            raise _UnreadableError("function-not-a-statement", f"{_FORM} (write it so)", wrong)
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if at == len(tokens) or after not in ("(", "."):
        raise _UnreadableError("function-not-a-statement", f"{_FORM} (write it so)", tokens[-1])
    if after == "." or (words[at] == "IDENTIFIER" and tokens[at + 2].text in ("'", ":")):
        message = "the deployment knows catalog and schema of the function"
        raise _UnreadableError(
            "function-name", f"{message} (write its name alone: `{name[:120]}`)", tokens[at]
        )
    if stored_name(tokens[at].text) != name:
        message = f"function `{tokens[at].text[:120]}` is not named as its file"
        raise _UnreadableError(
            "function-name", f"{message} (write `{name[:120]}`, or rename the file)", tokens[at]
        )
    return at


def _body_index(tokens: Sequence[Token], start: int) -> int:
    """Returns the index of `RETURN`, or of the `AS` before code in Python."""
    at = next(_outside(tokens, start, ("RETURN", "AS")), None)
    if at is None or at + 1 == len(tokens):
        message = "the function has no `RETURN`, and no `LANGUAGE PYTHON AS $$…$$`"
        raise _UnreadableError("function-not-a-statement", f"{message} (write one of them)", tokens[-1])
    is_code = tokens[at + 1].token_type == TokenType.STRING and at + 2 == len(tokens)
    languages = [*_outside(tokens[:at], start, ("LANGUAGE",))]
    language = tokens[languages[0] + 1].text.upper() if languages else "SQL"
    if tokens[at].text.upper() == "AS" and not (is_code and language == "PYTHON"):
        message = "`AS` is for `LANGUAGE PYTHON` and code between `$$`"
        raise _UnreadableError("function-not-a-statement", f"{message} (write `RETURN …`)", tokens[at])
    return at


def _outside(tokens: Sequence[Token], start: int, words: Sequence[str]) -> Iterator[int]:
    """Yields where words are outside of parentheses, and of the types in `<…>`."""
    open_: list[TokenType] = []
    for index, token in enumerate(tokens[start:], start):
        if token.token_type in (TokenType.L_PAREN, TokenType.LT):
            open_.append(token.token_type)
        elif token.token_type == TokenType.R_PAREN:
            while open_ and open_.pop() != TokenType.L_PAREN:
                pass  # `<` was a comparison
        elif token.token_type == TokenType.GT:
            if open_ and open_[-1] == TokenType.LT:
                open_.pop()
        elif not open_ and token.token_type not in _TEXTS and token.text.upper() in words:
            yield index
            if token.text.upper() in ("RETURN", "AS"):
                return


def returned_query(text: str) -> str | None:
    """Returns what a function returns, as a query in the same lines; None for Python, and if there is none.

    Args:
        text: the text of its file.
    """
    try:
        tokens = _one_statement(text)
    except (TokenError, _UnreadableError):
        return None  # Python, or a finding
    body = next(_outside(tokens, 0, ("RETURN",)), None)
    return None if body is None or body + 1 == len(tokens) else _returned(text, tokens[body:])


def _returned(text: str, tokens: Sequence[Token]) -> str:
    """Returns a query of what follows `RETURN`, with all words where they are in the file."""
    before = re.sub(r"[^\n]", " ", text[: tokens[0].start])
    word = " " * 6 if tokens[1].text.upper() in _QUERIES else "SELECT"
    return before + word + text[tokens[0].end + 1 :]


def _head(text: str, tokens: Sequence[Token], at: int, body: int) -> tuple[str, str]:
    """Returns what is before and after the place in the comment where the deployment adds its own mark."""
    comment = next((index for index in _outside(tokens[:body], at + 1, ("COMMENT",))), None)
    end = comment
    while end is not None and end + 1 < body and tokens[end + 1].token_type in _TEXTS:
        end += 1  # 'it''s' are two of them
    begin = tokens[at].end + 1
    if end is None or end == comment:
        return text[begin : tokens[body].start] + "COMMENT '", "' "
    last = tokens[end]
    space = " " if last.text else ""
    return text[begin : last.end] + space, text[last.end : tokens[body].start]


def _calls(tokens: Sequence[Token], pieces: Sequence[Piece], own_name: str) -> Iterator[str]:
    # Databricks documentation, "Name resolution": a built-in function is before one of the schema, so the
    # function `mask` may call the built-in one; its name alone is never a call of itself
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_name = token.token_type in (TokenType.VAR, TokenType.IDENTIFIER)
        called = stored_name(token.text)
        if is_name and after.text == "(" and before.text != "." and called != own_name:
            yield called
    own = [{"value": "catalog"}, ".", {"value": "schema"}]
    for piece in pieces:
        if isinstance(piece, dict) and (parts := piece.get("name", [])) and parts[:3] == own:
            yield stored_name("".join(map(str, parts[3:])).removeprefix("."))
