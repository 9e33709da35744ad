"""The rules of a contract that a verification tests."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.model.contract_rules import contract_rules
from tests.support.contracts import built


def rules(**column: Any) -> list[dict[str, Any]]:
    """The rules of a contract with one column `a`, without the names of columns."""
    [table] = contract_rules(built(columns=[{"name": "a", **column}]))
    assert table.untested == ()
    return [
        {key: value for key, value in one.items() if key not in ("column", "needs")} for one in table.rules
    ]


def untested(rule: dict[str, Any]) -> tuple[str, ...]:
    [table] = contract_rules(built(columns=[{"name": "a", "quality": [rule]}]))
    return table.untested


@pytest.mark.parametrize(
    ("declared", "accepted"),
    [
        ({"physicalType": "BIGINT"}, ("bigint",)),
        ({"physicalType": "integer"}, ("int",)),
        ({"physicalType": "varchar(10)"}, ("string", "varchar", "char")),
        ({"physicalType": "numeric"}, ("decimal(10,0)",)),
        ({"physicalType": "decimal( 12 )"}, ("decimal(12,0)",)),
        ({"physicalType": "DECIMAL(18, 2)"}, ("decimal(18,2)",)),
        ({"physicalType": "array< string >"}, ("array<string>",)),
        ({"logicalType": "date"}, ("date",)),
        ({"logicalType": "integer"}, ("tinyint", "smallint", "int", "bigint")),
        ({}, ()),
    ],
)
def test_types_that_fulfil_a_declared_type(declared: dict[str, Any], accepted: tuple[str, ...]) -> None:
    [table] = contract_rules(built(columns=[{"name": "a", **declared}]))

    assert [one.accepted for one in table.types] == [accepted]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ({"required": True}, {"rule": "required", "where": "`a` IS NULL"}),
        ({"unique": True}, {"rule": "unique", "unique": ["a"]}),
        ({"logicalTypeOptions": {"maximum": 3, "format": "x"}}, {"rule": "maximum 3", "where": "`a` > 3"}),
        (
            {"logicalTypeOptions": {"pattern": "^it's\\d"}},
            {"rule": "pattern ^it's\\d", "where": "NOT `a` RLIKE '^it\\'s\\\\d'"},
        ),
    ],
)
def test_rules_of_a_column(column: dict[str, Any], expected: dict[str, Any]) -> None:
    assert rules(**column) == [expected]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"metric": "nullValues", "mustBe": 0}, {"where": "`a` IS NULL", "must": {"mustBe": 0}}),
        (
            {"metric": "nullValues", "mustBeLessThan": 5, "unit": "percent"},
            {"where": "`a` IS NULL", "must": {"mustBeLessThan": 5}, "unit": "percent"},
        ),
        (
            {
                "metric": "missingValues",
                "arguments": {"missingValues": [None, "", "N/A"]},
                "severity": "warning",
            },
            {"where": "`a` IS NULL OR `a` IN ('', 'N/A')", "level": "warn"},
        ),
        ({"metric": "invalidValues", "arguments": {"validValues": [1, 2]}}, {"where": "`a` NOT IN (1, 2)"}),
        ({"rule": "validValues", "validValues": ["x"]}, {"where": "`a` NOT IN ('x')"}),
        ({"rule": "duplicateCount", "mustBe": 0}, {"unique": ["a"], "must": {"mustBe": 0}}),
        (
            {"type": "sql", "query": "SELECT max(${property}) FROM ${object};", "mustBeBetween": [0, 9]},
            {"query": "SELECT max(`a`) FROM {table}", "must": {"mustBeBetween": [0, 9]}},
        ),
    ],
)
def test_quality_rules_of_the_standard(declared: dict[str, Any], expected: dict[str, Any]) -> None:
    [rule] = rules(quality=[declared])

    assert {key: value for key, value in rule.items() if key != "rule"} == expected


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        (
            {"type": "text", "description": "x"},
            "a: text: rules of type text are for other tools or for people",
        ),
        ({"metric": "freshness"}, "a: freshness: the metric freshness is not known"),
        (
            {"type": "sql", "query": "SELECT 1"},
            "a: sql: a rule in SQL needs a query, and what its value must be",
        ),
        (
            {"metric": "nullValues", "mustBe": "0"},
            "a: nullValues: mustBe should be a number, or two for a range",
        ),
        ({"metric": "rowCount"}, "a: rowCount: nothing says what the number of rows must be"),
        ({}, "a: library: no metric"),
    ],
)
def test_rules_that_are_not_tested_are_told(declared: dict[str, Any], why: str) -> None:
    assert untested(declared) == (why,)


def test_a_primary_key_is_complete_and_unique_together() -> None:
    keys = [{"name": name, "primaryKey": True, "primaryKeyPosition": at} for at, name in enumerate("ab", 1)]

    [table] = contract_rules(built(columns=keys))

    found = [(one["rule"], one.get("unique")) for one in table.rules]
    assert found == [("required", None), ("required", None), ("primary key (a, b)", ["a", "b"])]


def test_rules_of_a_table_and_of_fields_inside_columns() -> None:
    street = {"name": "street", "required": True}
    tags = {"name": "tags", "items": {"logicalType": "string", "required": True}}
    quality = [{"metric": "rowCount", "mustBeGreaterThan": 0}, {"metric": "nullValues"}]
    schema = [
        {"name": "t", "properties": [{"name": "home", "properties": [street]}, tags], "quality": quality}
    ]

    [table] = contract_rules(built(schema=schema))

    assert [one.name for one in table.types] == ["home", "home.street", "tags"]
    assert [one["where"] for one in table.rules] == ["`home` IS NOT NULL AND `home`.`street` IS NULL", "TRUE"]
    assert table.untested == (
        "tags[]: rules of items of an array",
        "nullValues: a rule of a column, declared for a table",
    )
