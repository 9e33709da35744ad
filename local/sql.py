"""`mesh local sql`: one statement through the workspace's Statement Execution API, and its rows."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.client import Client
from mesh.errors import OutsideError

# The one that every local workspace has; not imported from there, which costs a second.
_WAREHOUSE = "starter"
_WHOLE = {"BYTE", "SHORT", "INT", "LONG"}
_NUMBERS = _WHOLE | {"FLOAT", "DOUBLE", "DECIMAL"}
# What a JSON number carries without loss.
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class Rows:
    """What a statement returned.

    Args:
        columns: their names.
        types: their types, as Databricks names them.
        values: the cells as text, row by row; None is null.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    values: tuple[tuple[str | None, ...], ...]


def execute(client: Client, statement: str) -> Rows:
    """Run one SQL statement.

    Raises:
        OutsideError: the statement is wrong or failed.
    """
    answer = client.post(
        "/api/2.0/sql/statements",
        {"statement": statement, "warehouse_id": _WAREHOUSE, "format": "JSON_ARRAY"},
    )
    if answer["status"]["state"] != "SUCCEEDED":
        raise OutsideError(str(answer["status"]["error"]["message"]))
    columns = answer["manifest"]["schema"]["columns"]
    return Rows(
        columns=tuple(column["name"] for column in columns),
        types=tuple(column["type_name"] for column in columns),
        values=tuple(tuple(row) for row in answer["result"].get("data_array") or ()),
    )


def as_json(rows: Rows) -> str:
    """Return the rows as a JSON list of objects; numbers are numbers."""
    objects = [
        {
            name: _json_value(cell, kind)
            for name, kind, cell in zip(rows.columns, rows.types, row, strict=True)
        }
        for row in rows.values
    ]
    return json.dumps(objects, indent=2, ensure_ascii=False)


def as_csv(rows: Rows) -> str:
    """Return the rows as CSV with a line of names; null is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.values)
    return text.getvalue().rstrip("\n")


def print_table(rows: Rows, console: Console) -> None:
    """Print the rows as a table for people."""
    table = Table(
        caption=f"{len(rows.values)} row{'' if len(rows.values) == 1 else 's'}", caption_justify="left"
    )
    for name, kind in zip(rows.columns, rows.types, strict=True):
        table.add_column(escape(name), justify="right" if kind in _NUMBERS else "left")
    for row in rows.values:
        table.add_row(*("[dim]null[/]" if cell is None else escape(cell) for cell in row))
    console.print(table)


def _json_value(cell: str | None, kind: str) -> Any:
    if cell is None:
        return None
    if kind == "BOOLEAN":
        return cell == "true"
    if kind in _WHOLE:
        return int(cell)
    if kind in _NUMBERS and cell.lower() not in ("nan", "inf", "-inf"):
        digits = sum(character.isdigit() for character in cell)
        return float(cell) if kind != "DECIMAL" or digits <= _EXACT_DIGITS else cell
    return cell
