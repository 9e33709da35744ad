"""Tables that are created from files."""

from __future__ import annotations

from mesh.workshop.data.progress_output import LineOutput
from mesh.workshop.data.tables import SOURCE_PROPERTY, DataTable, create_tables, sql_string
from tests.support.data_target import TABLE, VOLUME, Engine, course_data, data_files


def test_the_source_depends_on_the_joined_tables() -> None:
    def joined(zones: bytes) -> DataTable:
        first = DataTable("a.b.zones", "", VOLUME, data_files(zones), lambda _: "SELECT 1")
        return DataTable("a.b.trips", "", VOLUME, data_files(b"trips"), lambda _: "SELECT 2", (first,))

    assert joined(b"one").source == joined(b"one").source != joined(b"two").source


def test_a_table_is_recreated_only_if_its_source_changed() -> None:
    engine, lines = Engine(), list[str]()
    output = LineOutput(lines.append)

    create_tables(course_data(*data_files(b"one")).tables, engine, output, force=False)
    create_tables(course_data(*data_files(b"one")).tables, engine, output, force=False)
    create_tables(course_data(*data_files(b"two")).tables, engine, output, force=False)
    create_tables(course_data(*data_files(b"two")).tables, engine, output, force=True)

    created, kept = f"{TABLE}: created, 3 rows", f"{TABLE}: up to date"
    assert lines == [created, kept, created, created]


def test_the_statement_records_the_source() -> None:
    [table] = course_data(*data_files(b"one")).tables

    assert f"'{SOURCE_PROPERTY}' = '{table.source}'" in table.statement(Engine())


def test_a_value_cannot_break_out_of_its_string() -> None:
    assert sql_string("it's a \\ b") == r"'it\'s a \\ b'"
