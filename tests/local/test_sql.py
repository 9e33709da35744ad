"""`mesh local sql`: the rows in three formats, and errors."""

import io
import json

import httpx2
import pytest
from rich.console import Console

from local import sql
from local.client import Client
from local.home import Home, Status
from local.sql import ResultSet
from mesh.errors import OutsideError, UsageError

ROWS = ResultSet(
    columns=("borough", "amount", "trips", "known"),
    types=("STRING", "DECIMAL", "LONG", "BOOLEAN"),
    values=(("Queens, NY", "10.50", "3", "true"), (None, None, None, None)),
)


def client_with_response(home: Home, response: dict, status: int = 200) -> Client:
    """A client of a workspace with a fixed response."""
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(home)
    return Client(home, httpx2.MockTransport(lambda request: httpx2.Response(status, json=response)))


def test_json_has_numbers_and_nulls():
    assert json.loads(sql.as_json(ROWS)) == [
        {"borough": "Queens, NY", "amount": 10.5, "trips": 3, "known": True},
        {"borough": None, "amount": None, "trips": None, "known": None},
    ]


def test_json_keeps_a_decimal_with_too_many_digits_as_text():
    rows = ResultSet(("a",), ("DECIMAL",), (("12345678901234567.89",),))

    assert json.loads(sql.as_json(rows)) == [{"a": "12345678901234567.89"}]


def test_csv_has_a_header_quotes_and_empty_cells_for_null():
    assert sql.as_csv(ROWS) == 'borough,amount,trips,known\n"Queens, NY",10.50,3,true\n,,,'


def test_a_table_shows_names_cells_and_the_number_of_rows():
    text = io.StringIO()
    sql.print_table(ROWS, Console(file=text, width=80))

    assert "Queens, NY" in text.getvalue()
    assert "null" in text.getvalue()
    assert "2 rows" in text.getvalue()


def test_markup_in_a_cell_is_printed_unchanged():
    text = io.StringIO()
    sql.print_table(ResultSet(("a",), ("STRING",), (("[red]x[/red]",),)), Console(file=text, width=80))

    assert "[red]x[/red]" in text.getvalue()


def test_a_control_character_in_a_cell_or_name_does_not_reach_the_terminal():
    text = io.StringIO()
    rows = ResultSet(("a\x1b]0;t\x07",), ("STRING",), (("\x1b[31mred\x9b2J\u202egnp.\r",), ("two\nlines",)))
    sql.print_table(rows, Console(file=text, width=80))

    assert not set("\x1b\x07\x9b\u202e\r") & set(text.getvalue())
    assert r"\x1b[31mred\x9b2J\u202egnp.\r" in text.getvalue()
    assert not set("\x1b\x07\x9b\u202e\r") & set(sql.as_json(rows))
    assert json.loads(sql.as_json(rows))[0] == {"a\x1b]0;t\x07": "\x1b[31mred\x9b2J\u202egnp.\r"}


def test_json_keeps_each_of_two_columns_with_one_name():
    rows = ResultSet(("id", "id", "id_2", "id"), ("INT",) * 4, (("1", "2", "3", "4"),))

    assert json.loads(sql.as_json(rows)) == [{"id": 1, "id_3": 2, "id_2": 3, "id_4": 4}]


def test_a_table_that_is_too_wide_is_printed_with_a_line_per_column():
    columns = tuple(f"column_number_{number}" for number in range(12))
    rows = ResultSet(columns, ("STRING",) * 12, (tuple("abcdefghijkl"), (None,) * 12))
    text = io.StringIO()
    sql.print_table(rows, Console(file=text, width=60))

    lines = text.getvalue().splitlines()
    assert lines[0].startswith("row 1 ─")
    assert lines[1].split() == ["column_number_0", "a"]
    assert lines[14].split() == ["column_number_0", "null"]
    assert lines[-1] == "2 rows"
    assert "…" not in text.getvalue()


@pytest.mark.parametrize("statement", ["", " ;\n"])
def test_an_empty_statement_is_wrong_usage(tmp_path, statement):
    with pytest.raises(UsageError, match="the statement is empty"):
        sql.execute(client_with_response(Home(tmp_path), {}), statement)


def test_a_failed_statement_is_an_error_with_its_message(tmp_path):
    failed = {"status": {"state": "FAILED", "error": {"message": "Parser Error: at or near"}}}

    with pytest.raises(OutsideError, match="Parser Error: at or near"):
        sql.execute(client_with_response(Home(tmp_path), failed), "selec")


def test_rows_are_read_from_the_response(tmp_path):
    response = {
        "status": {"state": "SUCCEEDED"},
        "manifest": {"schema": {"columns": [{"name": "a", "type_name": "INT"}]}},
        "result": {"data_array": [["1"]]},
    }

    assert sql.execute(client_with_response(Home(tmp_path), response), "select 1 a") == ResultSet(
        ("a",), ("INT",), (("1",),)
    )
