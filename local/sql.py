"""`mesh local sql`: executes one statement with the Statement Execution API and prints the rows."""

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

# Every local workspace has this warehouse. Not imported from `warehouses`: the import takes a second.
_WAREHOUSE = "starter"
_INTEGERS = {"BYTE", "SHORT", "INT", "LONG"}
_NUMBERS = _INTEGERS | {"FLOAT", "DOUBLE", "DECIMAL"}
# A JSON number holds this many digits without loss.
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class ResultSet:
    """The rows that a statement returned.

    Args:
        columns: the names of the columns.
        types: Databricks' names of the columns' types.
        values: the cells as text, row by row; None is null.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    values: tuple[tuple[str | None, ...], ...]


def execute(client: Client, statement: str) -> ResultSet:
    """Run one SQL statement.

    Raises:
        OutsideError: the statement failed.
    """
    answer = client.post(
        "/api/2.0/sql/statements",
        {"statement": statement, "warehouse_id": _WAREHOUSE, "format": "JSON_ARRAY"},
    )
    if answer["status"]["state"] != "SUCCEEDED":
        raise OutsideError(str(answer["status"]["error"]["message"]))
    columns = answer["manifest"]["schema"]["columns"]
    return ResultSet(
        columns=tuple(column["name"] for column in columns),
        types=tuple(column["type_name"] for column in columns),
        values=tuple(tuple(row) for row in answer["result"].get("data_array") or ()),
    )


def as_json(rows: ResultSet) -> str:
    """Return the rows as a JSON list of objects; numbers stay numbers."""
    objects = [
        {
            name: _json_value(cell, type_name)
            for name, type_name, cell in zip(rows.columns, rows.types, row, strict=True)
        }
        for row in rows.values
    ]
    return json.dumps(objects, indent=2, ensure_ascii=False)


def as_csv(rows: ResultSet) -> str:
    """Return the rows as CSV with a header line; null is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.values)
    return text.getvalue().rstrip("\n")


def print_table(rows: ResultSet, console: Console) -> None:
    """Print the rows as a table."""
    table = Table(
        caption=f"{len(rows.values)} row{'' if len(rows.values) == 1 else 's'}", caption_justify="left"
    )
    for name, type_name in zip(rows.columns, rows.types, strict=True):
        table.add_column(escape(name), justify="right" if type_name in _NUMBERS else "left")
    for row in rows.values:
        table.add_row(*("[dim]null[/]" if cell is None else escape(cell) for cell in row))
    console.print(table)


def _json_value(cell: str | None, type_name: str) -> Any:
    if cell is None:
        return None
    if type_name == "BOOLEAN":
        return cell == "true"
    if type_name in _INTEGERS:
        return int(cell)
    if type_name in _NUMBERS and cell.lower() not in ("nan", "inf", "-inf"):
        digits = sum(character.isdigit() for character in cell)
        return float(cell) if type_name != "DECIMAL" or digits <= _EXACT_DIGITS else cell
    return cell
