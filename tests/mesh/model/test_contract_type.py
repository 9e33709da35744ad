"""Comparisons of types."""

from __future__ import annotations

import pytest

from mesh.model.contract_type import TypeChange, compare_columns, compare_types
from tests.support.contracts import built


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("int", "INTEGER", "same"),
        ("decimal(18, 2)", "numeric(18,2)", "same"),
        ("decimal", "decimal(10,0)", "same"),
        ("int", "bigint", "wider"),
        ("bigint", "int", "narrower"),
        ("smallint", "double", "wider"),
        ("bigint", "double", "other"),
        ("float", "double", "wider"),
        ("date", "timestamp_ntz", "wider"),
        ("date", "timestamp", "other"),
        ("decimal(18,2)", "decimal(20,2)", "wider"),
        ("decimal(18,2)", "decimal(18,4)", "narrower"),
        ("decimal(18,2)", "double", "other"),
        ("int", "decimal(10,0)", "wider"),
        ("int", "decimal(9,0)", "other"),
        ("varchar(10)", "varchar(20)", "wider"),
        ("varchar(10)", "string", "wider"),
        ("string", "varchar(10)", "narrower"),
        ("string", "int", "other"),
        ("struct<a: int>", "struct<a:int>", "same"),
        ("struct<a:int>", "struct<a:bigint>", "other"),
    ],
)
def test_types_of_databricks(before: str, after: str, expected: TypeChange) -> None:
    assert compare_types(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"logicalType": "integer"}, {"logicalType": "number"}, "wider"),
        ({"logicalType": "number"}, {"logicalType": "integer"}, "narrower"),
        ({"logicalType": "string"}, {"logicalType": "date"}, "other"),
        ({"logicalType": "integer", "physicalType": "int"}, {"logicalType": "integer"}, "same"),
        ({"physicalType": "int"}, {"logicalType": "integer"}, "other"),
        ({"physicalType": "int"}, {}, "other"),
        ({}, {"physicalType": "int"}, "same"),
    ],
)
def test_types_as_a_contract_says_them(
    before: dict[str, str], after: dict[str, str], expected: TypeChange
) -> None:
    was, now = (built(columns=[{"name": "a", **one}]).tables[0].columns[0] for one in (before, after))
    assert compare_columns(was, now) == expected
