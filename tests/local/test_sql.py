"""`mesh local sql`: the rows in three forms, and the errors."""

import io
import json

import httpx2
import pytest
from rich.console import Console

from local import sql
from local.client import Client
from local.home import Home, Status
from local.sql import Rows
from mesh.errors import OutsideError

ROWS = Rows(
    columns=("borough", "amount", "trips", "known"),
    types=("STRING", "DECIMAL", "LONG", "BOOLEAN"),
    values=(("Queens, NY", "10.50", "3", "true"), (None, None, None, None)),
)


def answering(home: Home, answer: dict, status: int = 200) -> Client:
    """A client of a workspace that always answers the same."""
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(home)
    return Client(home, httpx2.MockTransport(lambda request: httpx2.Response(status, json=answer)))


def test_json_has_numbers_and_nulls():
    assert json.loads(sql.as_json(ROWS)) == [
        {"borough": "Queens, NY", "amount": 10.5, "trips": 3, "known": True},
        {"borough": None, "amount": None, "trips": None, "known": None},
    ]


def test_json_keeps_a_decimal_that_a_number_would_cut():
    rows = Rows(("a",), ("DECIMAL",), (("12345678901234567.89",),))

    assert json.loads(sql.as_json(rows)) == [{"a": "12345678901234567.89"}]


def test_csv_has_a_header_quotes_and_empty_nulls():
    assert sql.as_csv(ROWS) == 'borough,amount,trips,known\n"Queens, NY",10.50,3,true\n,,,'


def test_a_table_shows_names_cells_and_the_number_of_rows():
    text = io.StringIO()
    sql.print_table(ROWS, Console(file=text, width=80))

    assert "Queens, NY" in text.getvalue()
    assert "null" in text.getvalue()
    assert "2 rows" in text.getvalue()


def test_markup_in_a_cell_is_text():
    text = io.StringIO()
    sql.print_table(Rows(("a",), ("STRING",), (("[red]x[/red]",),)), Console(file=text, width=80))

    assert "[red]x[/red]" in text.getvalue()


def test_a_statement_that_failed_is_an_error_with_its_message(tmp_path):
    failed = {"status": {"state": "FAILED", "error": {"message": "Parser Error: at or near"}}}

    with pytest.raises(OutsideError, match="Parser Error: at or near"):
        sql.execute(answering(Home(tmp_path), failed), "selec")


def test_rows_are_read_from_the_answer(tmp_path):
    answer = {
        "status": {"state": "SUCCEEDED"},
        "manifest": {"schema": {"columns": [{"name": "a", "type_name": "INT"}]}},
        "result": {"data_array": [["1"]]},
    }

    assert sql.execute(answering(Home(tmp_path), answer), "select 1 a") == Rows(("a",), ("INT",), (("1",),))


def test_a_refusal_is_an_error_with_its_message(tmp_path):
    client = answering(Home(tmp_path), {"error_code": "X", "message": "no such warehouse"}, 404)

    with pytest.raises(OutsideError, match="the local workspace refused: no such warehouse"):
        sql.execute(client, "select 1")


def test_without_a_workspace_the_remedy_is_said(tmp_path):
    with pytest.raises(OutsideError, match="start it with `mesh local up`"):
        Client(Home(tmp_path))
