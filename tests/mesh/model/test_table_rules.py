"""Rules of tables as JSON and SQL."""

from __future__ import annotations

import pytest

from mesh.model.table_rules import Condition, TableRules, TypeRule, sql_literal, sql_name


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "NULL"), (True, "TRUE"), (1.5, "1.5"), ("it's", "'it\\'s'"), ("a\\", "'a\\\\'")],
)
def test_values_as_sql(value: object, expected: str) -> None:
    assert sql_literal(value) == expected


def test_names_as_sql() -> None:
    assert sql_name("home.st`reet") == "`home`.`st``reet`"


def test_rules_as_json() -> None:
    rule = Condition("a", {"level": "warn"}).where("required", "{} IS NULL")
    table = TableRules("t", None, (TypeRule("a", "int", ("int",)),), (rule,), quarantine=True)

    assert table.settings == {
        "name": "t",
        "schema": "",
        "columns": [{"name": "a", "type": "int", "accepted": ["int"]}],
        "rules": [
            {"rule": "required", "column": "a", "where": "`a` IS NULL", "needs": ["a"], "level": "warn"}
        ],
        "quarantine": True,
    }
