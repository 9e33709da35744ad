"""Tables of CSV and YAML files beside a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.flow_tests.table_file import FileTable, TableFileError, read, rows_table


def table(tmp_path: Path, name: str, text: str) -> FileTable:
    (tmp_path / name).write_text(text)
    return read(tmp_path / name)


def test_types_of_csv_are_declared_or_those_of_the_values(tmp_path: Path) -> None:
    found = table(tmp_path, "a.csv", 'id,rate,ok,name,"amount:decimal(9,2)"\n1,0.5,true,007,12\n2,,false,,\n')

    assert dict(found.columns) == {
        "id": "bigint", "rate": "double", "ok": "boolean", "name": "string", "amount": "decimal(9,2)",
    }  # fmt: skip
    assert list(found.rows) == [["1", "0.5", "true", "007", "12"], ["2", None, "false", None, None]]


def test_yaml_has_columns_and_rows_or_a_list_of_rows(tmp_path: Path) -> None:
    typed = table(tmp_path, "a.yml", "columns: {a: int, b: string}\nrows: [[1, x], [2, null]]\n")
    listed = table(tmp_path, "b.yml", "- {a: 1, b: 2.5}\n- {a: 2, c: x}\n")

    assert (dict(typed.columns), list(typed.rows)) == ({"a": "int", "b": "string"}, [[1, "x"], [2, None]])
    assert dict(listed.columns) == {"a": "bigint", "b": "double", "c": "string"}
    assert list(listed.rows) == [[1, 2.5, None], [2, None, "x"]]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "a.csv is empty"),
        ("a.csv", "a,b\n1\n", "a.csv, row 2: 1 values for 2 columns"),
        ("a.csv", "a,a\n1,2\n", "a.csv: column 2 has no name of its own"),
        ("a.yml", "a: [", "a.yml is not YAML"),
        ("a.yml", "text", "should have `columns` with types and `rows`, or be a list of rows"),
        ("a.yml", "[]", "should be a list of rows"),
        ("a.yml", "columns: {a: int}\nrows: [[1, 2]]", "a.yml, row 1: should be a list of 1 values"),
        ("a.yml", "!!python/object/apply:os.system [x]", "a.yml is not YAML"),
        ("a.txt", "", "a.txt is no table"),
    ],
)
def test_another_file_is_told_with_the_remedy(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(TableFileError) as caught:
        table(tmp_path, name, text)

    assert message in str(caught.value)


def test_a_missing_file_names_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("")
    with pytest.raises(TableFileError) as caught:
        read(tmp_path / "a.csv")

    assert str(caught.value) == "a.csv does not exist beside the test (files: b.csv)"


@pytest.mark.parametrize("rows", [[], [1], [{"a": 1}, 2]])
def test_rows_are_mappings(rows: list[Any]) -> None:
    with pytest.raises(TableFileError):
        rows_table(rows)
