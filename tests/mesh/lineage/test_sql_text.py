"""SQL as text: parameters, IDENTIFIER and bounds."""

from __future__ import annotations

import pytest

from mesh.lineage.sql_text import LONGEST, UnreadableError, resolved, tokenized
from mesh.model.sql_file import statements

PARAMETERS = {"catalog": "my-catalog", "schema": "prices", "day": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM IDENTIFIER(:catalog || '.' || :schema || '.daily')", "FROM `my-catalog`.`prices`.`daily`"),
        ("FROM identifier(concat(:catalog, '.x.y'))", "FROM `my-catalog`.`x`.`y`"),
        ("FROM IDENTIFIER('a.b')", "FROM `a`.`b`"),
        ("FROM IDENTIFIER(:day)", "FROM `__unknown__`"),
        ("FROM IDENTIFIER(upper('a'))", "FROM `__unknown__`"),
        ("FROM {{catalog}}.${schema}.t", "FROM my-catalog.prices.t"),
        ("FROM {{job.parameters.schema}}.t", "FROM prices.t"),
        ("FROM ${nobody}.t", "FROM __unknown__.t"),
        ("SELECT 'IDENTIFIER(:catalog)'", "SELECT 'IDENTIFIER(:catalog)'"),
    ],
)
def test_names_of_parameters_are_replaced(text: str, expected: str) -> None:
    assert resolved(text, PARAMETERS) == expected


def test_every_line_stays_on_its_line() -> None:
    text = "SELECT 1 FROM IDENTIFIER(\n:catalog ||\n'.s.t')\nWHERE x"

    assert resolved(text, PARAMETERS).split("\n")[3] == "WHERE x"


@pytest.mark.parametrize("text", ["SELECT 'a", "SELECT /* a", "x" * (LONGEST + 1)])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        resolved(text, {})


def test_statements_end_with_semicolons() -> None:
    found = list(statements(tokenized("SELECT ';'; ; SELECT 2")))

    assert [[token.text for token in one] for one in found] == [["SELECT", ";"], ["SELECT", "2"]]
