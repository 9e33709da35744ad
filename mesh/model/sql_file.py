"""Finds syntax errors in SQL for Databricks.

The parser of sqlglot does not know every statement of Databricks. So only what it knows well is judged:
queries, also those that fill a table or view, changes of rows, and misspelled words at the beginning of a
statement. Anything else is accepted.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from sqlglot import Token, TokenType
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import ParseError, TokenError

from mesh.finding import Finding
from mesh.model.notebook import Cell

# Databricks documentation, "SQL language reference": the words that begin a statement
_BEGINNINGS = (
    *("ADD", "ALTER", "ANALYZE", "APPLY", "BEGIN", "CACHE", "CALL", "CLEAR", "COMMENT", "CONVERT", "COPY"),
    *("CREATE", "DECLARE", "DELETE", "DENY", "DESC", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN", "FROM"),
    *("FSCK", "GENERATE", "GET", "GRANT", "INSERT", "LIST", "LOAD", "MERGE", "MSCK", "OPTIMIZE", "PUT"),
    *("REFRESH", "REMOVE", "REORG", "REPAIR", "REPLACE", "RESET", "RESTORE", "REVOKE", "SELECT", "SET"),
    *("SHOW", "SYNC", "TABLE", "TRUNCATE", "UNCACHE", "UNDROP", "UPDATE", "USE", "VACUUM", "VALUES", "WITH"),
)
# Statements that the parser knows well from their first word on
_JUDGED = frozenset({"SELECT", "WITH", "UPDATE", "DELETE", "MERGE", "("})
# Statements of which only the query at their end is judged
_WITH_QUERY = frozenset({"INSERT", "CREATE", "REPLACE"})
_QUERIES = frozenset({"SELECT", "WITH"})
# Complaints of the parser about the arguments of functions, of which Databricks has other forms
_OF_FUNCTIONS = ("Required keyword", "Required argument", "The number of provided arguments")
# Parameters that Databricks replaces before it reads the statement
_PARAMETER = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}")
# The function, which the parser takes for the clause of the same name
_WINDOW = re.compile(r"\bwindow(?=\s*\()", re.IGNORECASE)
_LIKENESS = 0.8

Problem = tuple[int, int, str]


def check_sql(parts: Iterable[Cell], file: str) -> Iterator[Finding]:
    """Reports the first syntax error of each part of a SQL file.

    Args:
        parts: the cells of a notebook, or the whole file.
        file: the file, from the mesh's root.
    """
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    for cell in parts:
        if error := _error(cell.text):
            line, column, problem = error
            message = f"SQL cannot be read here: {problem} (correct the syntax)"
            yield Finding(file, cell.line + line - 1, column, "syntax-error", message)


def _error(text: str) -> Problem | None:
    """Returns line, column and reason of the first error."""
    sql = _WINDOW.sub("vindow", _PARAMETER.sub(lambda found: "p" * len(found[0]), text))
    try:
        tokens = Databricks().tokenize(sql)
    except TokenError as error:
        place = re.search(r"(\d+):(\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        return line, column, "a text, name or comment does not end"
    for statement in statements(tokens):
        first = statement[0].text.upper()
        if first == "BEGIN":
            return None  # the rest is a script
        if problem := _unbalanced(statement) or _misspelled(statement[0]) or _unreadable(statement, sql):
            return problem
    return None


def statements(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """Yields the tokens of each statement."""
    statement: list[Token] = []
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            if statement:
                yield statement
            statement = []
        else:
            statement.append(token)
    if statement:
        yield statement


def _unbalanced(statement: Sequence[Token]) -> Problem | None:
    open_: list[Token] = []
    for token in statement:
        if token.token_type == TokenType.L_PAREN:
            open_.append(token)
        elif token.token_type == TokenType.R_PAREN:
            if not open_:
                return token.line, token.col, "`)` closes nothing"
            open_.pop()
    return (open_[-1].line, open_[-1].col, "`(` is not closed") if open_ else None


def _misspelled(first: Token) -> Problem | None:
    word = first.text.upper()
    if word in _BEGINNINGS or not word.isalpha() or len(word) < 4:
        return None
    near = get_close_matches(word, _BEGINNINGS, n=1, cutoff=_LIKENESS)
    column = first.col - len(word) + 1
    return (first.line, column, f"`{first.text[:60]}` begins no statement, {near[0]} does") if near else None


def _unreadable(statement: Sequence[Token], sql: str) -> Problem | None:
    judged = _judged(statement)
    if not judged:
        return None
    try:
        Databricks().parser().parse([*_plain_calls(judged)], sql)
    except ParseError as error:
        first = error.errors[0]
        if first["description"].startswith(_OF_FUNCTIONS):
            return None
        at = first["highlight"] or ""
        problem = first["description"].partition(" but got")[0].rstrip(".").lower()
        column = max(1, first["col"] - len(at) + 1)  # the parser counts to the end of the word
        return first["line"], column, f"{problem} at `{at[:60]}`"
    except RecursionError:
        return None
    return None


def _plain_calls(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yields tokens with a plain name instead of `IDENTIFIER(…)` where arguments follow, as in a call of it.

    Source: Databricks documentation, "IDENTIFIER clause"; the parser knows it for tables and columns only.
    """
    open_: list[int] = []
    called: dict[int, int] = {}  # where the arguments begin
    for index, (token, after) in enumerate(zip(tokens, [*tokens[1:], None], strict=True)):
        if token.token_type == TokenType.L_PAREN:
            open_.append(index)
        elif token.token_type == TokenType.R_PAREN and open_:
            before = open_.pop() - 1
            is_call = after is not None and after.token_type == TokenType.L_PAREN
            if is_call and before >= 0 and tokens[before].text.upper() == "IDENTIFIER":
                called[before] = index + 1
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if index in called:
            token = Token(TokenType.VAR, "f", token.line, token.col, token.start, token.end)
        yield token
        index = called.get(index, index + 1)


def _judged(statement: Sequence[Token]) -> Sequence[Token]:
    """Returns the part of a statement that the parser knows well; empty if there is none."""
    words = [token.text.upper() for token in statement[:2]]
    if words == ["MERGE", "WITH"] or any(token.token_type == TokenType.PIPE_GT for token in statement):
        return ()
    if words[0] in _JUDGED:
        return statement
    return _query(statement) if words[0] in _WITH_QUERY else ()


def _query(statement: Sequence[Token]) -> Sequence[Token]:
    """Returns the query at the end of a statement: of `INSERT`, or after `AS`."""
    depth, inserts = 0, statement[0].text.upper() == "INSERT"
    for index, token in enumerate(statement):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        before = statement[index - 1].text.upper()
        if index and depth == 0 and token.text.upper() in _QUERIES and (inserts or before == "AS"):
            return statement[index:]
    return ()
