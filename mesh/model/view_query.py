"""The query of a view: one statement, with the names and values that parameters make."""

from __future__ import annotations

from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import TokenError

from mesh.finding import Finding
from mesh.model.notebook import Cell
from mesh.model.sql_file import check_sql, statements
from mesh.model.sql_pieces import Piece, column, not_replaced, sql_pieces

_QUERIES = ("SELECT", "WITH", "FROM", "VALUES", "(")


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
    try:
        each = [*statements(Databricks().tokenize(text))]
    except TokenError:  # the check leaves out what is in such a parameter, for example a quotation mark
        return None, [not_replaced(file, "view")]
    first = each[0][0] if each else None
    if first is None or len(each) > 1 or first.text.upper() not in _QUERIES:
        at = each[1][0] if len(each) > 1 else first
        message = "a view is one query: the deployment adds `CREATE VIEW` and the name of the file"
        place = (at.line, column(at)) if at else (1, 1)
        return None, [Finding(file, *place, "view-not-a-query", f"{message} (write the query alone)")]
    pieces, findings = sql_pieces(text, each[0], known, file, "view")
    if findings:
        return None, findings
    return (first.line, text[first.start : each[0][-1].end + 1], pieces), []
