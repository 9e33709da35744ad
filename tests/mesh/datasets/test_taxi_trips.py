"""The columns of taxi trips, as SQL on the columns of a file."""

import pytest

from mesh.datasets import taxi_sample
from mesh.datasets.taxi_trips import COLUMNS, missing_columns, quote_identifier, select_list

NAMES = ("pickup", "dropoff", "payment", "total", "pickup_borough", "color")


def expression(column: str, columns: tuple[str, ...]) -> str:
    """The expression of one column of the curated table."""
    [found] = [each for each in select_list(columns) if each.endswith(f" AS {column}")]
    return found.removesuffix(f" AS {column}")


def test_every_column_of_the_table_has_an_expression() -> None:
    expected = [column.name for column in COLUMNS]

    assert [each.rpartition(" AS ")[2] for each in select_list(taxi_sample.COLUMNS)] == expected
    assert [each.rpartition(" AS ")[2] for each in select_list(())] == expected


def test_column_names_match_in_any_case() -> None:
    assert (
        expression("pickup_location_id", ("PULocationID",)) == "CAST(CAST(`PULocationID` AS double) AS int)"
    )


def test_a_missing_column_is_null() -> None:
    assert expression("pickup_zone", NAMES) == "CAST(NULL AS string)"


def test_payments_by_name_become_codes() -> None:
    assert "CASE `payment` WHEN 'credit card' THEN 1 WHEN 'cash' THEN 2" in expression("payment_type", NAMES)


@pytest.mark.parametrize(
    ("columns", "taxi_type"),
    [
        (("lpep_pickup_datetime",), "'green'"),
        (("tpep_pickup_datetime",), "'yellow'"),
        (NAMES, "CAST(`color` AS string)"),
    ],
)
def test_the_type_of_taxi_follows_from_the_file(columns: tuple[str, ...], taxi_type: str) -> None:
    assert expression("taxi_type", columns) == taxi_type


def test_required_columns_are_named_with_their_alternatives() -> None:
    assert missing_columns(NAMES) == []
    assert missing_columns(taxi_sample.COLUMNS) == []
    assert missing_columns(["total"]) == [
        "tpep_pickup_datetime or lpep_pickup_datetime or pickup",
        "PULocationID or pickup_borough",
    ]


def test_an_identifier_keeps_its_backticks() -> None:
    assert quote_identifier("a`b") == "`a``b`"
