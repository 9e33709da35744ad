"""Two tables are equal, or the difference is told row by row."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from local.flow_tests.comparison import Rows, difference


def rows(columns: str, *values: tuple[Any, ...]) -> Rows:
    return Rows(columns.split(), values)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1, 1.0),
        (Decimal("12.50"), 12.5),
        (0.1 + 0.2, 0.3),
        (None, None),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04:00"),
        ([1, Decimal("2.0")], (1.0, 2)),
        ({"a": 1}, {"a": 1.0}),
        (float("inf"), float("inf")),
    ],
)
def test_equal_values_of_different_types_are_equal(actual: Any, expected: Any) -> None:
    assert difference(rows("a", (actual,)), rows("a", (expected,))) == ""


@pytest.mark.parametrize(("actual", "expected"), [(1, 2), (True, 1), ("1", 1), (None, 0), (0.1, 0.1001)])
def test_other_values_are_not(actual: Any, expected: Any) -> None:
    assert difference(rows("a", (actual,)), rows("a", (expected,))) != ""


def test_the_order_of_rows_and_columns_does_not_count_unless_asked_for() -> None:
    actual, expected = rows("a b", (1, 2), (3, 4)), rows("b a", (4, 3), (2, 1))

    assert difference(actual, expected) == ""
    assert difference(actual, expected, ordered=True).splitlines() == [
        "the rows are in another order, from row 1 (column, actual, expected):",
        "  b  2  4",
        "  a  1  3",
    ]


def test_repeated_rows_are_counted() -> None:
    told = difference(rows("a", (1,), (1,)), rows("a", (1,)))

    assert told.splitlines() == [
        "2 rows, expected 1",
        "extra rows (in the table, not expected): 1",
        "  a",
        "  1",
    ]


def test_other_columns_are_told_alone() -> None:
    assert (
        difference(rows("a c d", (1, 2, 3)), rows("a b", (1, 2))) == "missing columns: b\nextra columns: c, d"
    )


def test_changed_missing_and_extra_rows_are_told_apart() -> None:
    actual = rows(
        "borough amount trips", ("Queens", Decimal("12.50"), 3), ("Bronx", None, 1), ("Nowhere", 1, 9)
    )
    expected = rows(
        "borough amount trips", ("Queens", Decimal("13.00"), 3), ("Bronx", None, 1), ("Ocean", 5, 2)
    )

    assert difference(actual, expected).splitlines() == [
        "3 rows, expected 3",
        "changed rows (actual ≠ expected): 1",
        "  borough  amount     trips",
        "  Queens   12.5 ≠ 13  3",
        "missing rows (expected, not in the table): 1",
        "  borough  amount  trips",
        "  Ocean    5       2",
        "extra rows (in the table, not expected): 1",
        "  borough  amount  trips",
        "  Nowhere  1       9",
    ]


def test_a_key_says_which_rows_are_the_same() -> None:
    actual, expected = rows("id a b", (1, "x", "y")), rows("id a b", (1, "p", "q"))

    assert "missing rows" in difference(actual, expected)
    assert "1   x ≠ p  y ≠ q" in difference(actual, expected, key=["id"])
    assert difference(actual, expected, key=["ID"]) == "the key `ID` is not a column (columns: id, a, b)"


def test_long_differences_and_texts_are_cut_and_stay_on_their_line() -> None:
    told = difference(rows("a", *((f"{n}" + "x" * 99 + "\n",) for n in range(30))), rows("a", ("only",)))

    assert told.splitlines()[-1] == "  … and 10 more"
    assert max(map(len, told.splitlines())) < 60
    assert len(told.splitlines()) == 1 + 3 + 2 + 21 + 0 or "\n\n" not in told
