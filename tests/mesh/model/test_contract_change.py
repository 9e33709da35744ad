"""Changes of a contract."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from mesh.model.contract_change import contract_changes
from tests.support.contracts import COLUMNS, built

BOROUGH, AMOUNT = COLUMNS


def told(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The changes, as step and text."""
    return [f"{one.step}: {one.text}" for one in contract_changes(built(**before), built(**after))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([BOROUGH, AMOUNT], [BOROUGH], "major: column `amount` of `by_borough` is gone"),
        (
            [BOROUGH, AMOUNT],
            [BOROUGH, {**AMOUNT, "name": "revenue"}],
            "major: column `amount` of `by_borough` is renamed to `revenue`",
        ),
        (
            [AMOUNT],
            [{**AMOUNT, "physicalType": "decimal(10,2)"}],
            "major: column `amount` of `by_borough` is narrower: `decimal(10,2)` instead of `decimal(18,2)`",
        ),
        (
            [AMOUNT],
            [{**AMOUNT, "physicalType": "string"}],
            "major: column `amount` of `by_borough` has another type: `string` instead of `decimal(18,2)`",
        ),
        (
            [AMOUNT],
            [{"name": "amount"}],
            "major: column `amount` of `by_borough` has another type: `not said` instead of `decimal(18,2)`",
        ),
        (
            [{**AMOUNT, "required": True}],
            [AMOUNT],
            "major: column `amount` of `by_borough` may be null now",
        ),
        (
            [{**AMOUNT, "unique": True}],
            [AMOUNT],
            "major: column `amount` of `by_borough` may repeat values now",
        ),
        (
            [{**BOROUGH, "primaryKey": True}, AMOUNT],
            [{**BOROUGH, "primaryKey": True}, {**AMOUNT, "primaryKey": True}],
            "major: the primary key of `by_borough` is `borough`, `amount` instead of `borough`",
        ),
        (
            [{**AMOUNT, "quality": [{"metric": "nullValues", "mustBe": 0}]}],
            [AMOUNT],
            "major: the quality rule `nullValues` of column `amount` of `by_borough` is gone or changed",
        ),
        ([BOROUGH], [BOROUGH, AMOUNT], "minor: column `amount` of `by_borough` is added"),
        (
            [AMOUNT],
            [{**AMOUNT, "required": True}],
            "minor: column `amount` of `by_borough` is never null now",
        ),
        (
            [AMOUNT],
            [{**AMOUNT, "physicalType": "decimal(20,2)"}],
            "minor: column `amount` of `by_borough` is wider: `decimal(20,2)` instead of `decimal(18,2)`",
        ),
        ([BOROUGH], [{**BOROUGH, "primaryKey": True}], "minor: `by_borough` has a primary key: `borough`"),
        (
            [{"name": "amount"}],
            [AMOUNT],
            "minor: column `amount` of `by_borough` promises its type, `decimal(18,2)`",
        ),
        (
            [AMOUNT],
            [{**AMOUNT, "classification": "restricted"}],
            "minor: column `amount` of `by_borough` is classified as `restricted` instead of `not said`",
        ),
        (
            [AMOUNT],
            [{**AMOUNT, "description": "Dollars"}],
            "patch: column `amount` of `by_borough` is described in other words",
        ),
    ],
)
def test_a_change_of_columns(before: list[Any], after: list[Any], expected: str) -> None:
    assert told({"columns": before}, {"columns": after}) == [expected]


def test_other_columns_at_other_positions_are_no_rename() -> None:
    after = {"columns": [{**AMOUNT, "name": "fare"}, BOROUGH]}
    assert told({}, after) == [
        "major: column `amount` of `by_borough` is gone",
        "minor: column `fare` of `by_borough` is added",
    ]


def test_capitals_and_the_order_of_columns_are_no_change() -> None:
    assert told({}, {"columns": [AMOUNT, {**BOROUGH, "name": "Borough"}]}) == []


def test_fields_inside_a_column_are_compared_and_told_once() -> None:
    inner = {"name": "city", "logicalType": "string"}
    address = {"name": "address", "logicalType": "object", "properties": [inner]}
    assert told({"columns": [address]}, {"columns": [{**address, "properties": []}]}) == [
        "major: column `address.city` of `by_borough` is gone"
    ]
    assert told({"columns": [BOROUGH, address]}, {"columns": [BOROUGH]}) == [
        "major: column `address` of `by_borough` is gone"
    ]


def test_tables_that_go_and_come() -> None:
    other = [{"name": "by_month", "properties": [AMOUNT]}]
    gone, added = contract_changes(built(), built(schema=other))
    assert (gone.text, gone.columns) == ("table `by_borough` is gone", ("by_borough", "borough", "amount"))
    assert (added.step, added.text) == ("minor", "table `by_month` is added")


def test_an_agreement_that_is_lowered_breaks() -> None:
    assert told(
        {"slaProperties": [{"property": "latency", "value": 1, "unit": "d"}]},
        {"slaProperties": [{"property": "latency", "value": 2, "unit": "d"}]},
    ) == ["major: `latency` is `2 d` instead of `1 d`"]


def test_a_contract_that_becomes_a_draft_breaks_and_one_that_ends_does_not() -> None:
    assert told({}, {"status": "draft"}) == ["major: the status is `draft` instead of `active`"]
    assert told({}, {"status": "deprecated"}) == ["minor: the status is `deprecated` instead of `active`"]


def test_breaking_changes_are_first() -> None:
    after = {"columns": [{**BOROUGH, "description": "d"}, {**AMOUNT, "physicalType": "int"}, {"name": "new"}]}
    assert [one.step for one in contract_changes(built(), built(**after))] == ["major", "minor", "patch"]


def test_a_contract_with_very_many_columns_is_compared_at_once() -> None:
    """Anybody may write one: 5,000 columns that all have other names take no time that grows with their square."""
    many = [{"name": f"a{number}", "properties": [{"name": "b"}]} for number in range(5_000)]
    others = [{**column, "name": f"z{number}"} for number, column in enumerate(many)]
    started = time.process_time()

    changes = contract_changes(built(columns=many), built(columns=others))

    assert len(changes) == 10_000
    assert time.process_time() - started < 20
