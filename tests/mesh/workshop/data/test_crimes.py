"""The SQL of the table of Chicago's crimes."""

from __future__ import annotations

from mesh.datasets import crimes_sample
from mesh.workshop.data import crimes
from mesh.workshop.data.data_file import file_in_memory
from mesh.workshop.data.tables import SqlSource


def test_columns_are_recognized_in_exports_and_in_files_of_the_api() -> None:
    assert crimes.missing_columns(crimes_sample.COLUMNS) == []
    assert crimes.missing_columns(crimes.COLUMNS) == []
    assert crimes.missing_columns(crimes_sample.COLUMNS[1:]) == ["id"]


def test_column_names_cannot_break_out_of_their_quotes() -> None:
    columns = ("I`D", *crimes_sample.COLUMNS)

    assert "``" not in crimes.crimes_query([SqlSource(file_in_memory("a.csv", columns, b""), "t")])
    assert "CAST(`Case Number` AS string) AS case_number" in crimes.crimes_query(
        [SqlSource(file_in_memory("a.csv", columns, b""), "t")]
    )
