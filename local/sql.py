"""`mesh local sql`: executes one statement with the Statement Execution API and prints the rows."""

import csv
import io
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from local.client import Client
from mesh.console import visible
from mesh.errors import OutsideError, UsageError

# Every local workspace has this warehouse. Not imported from `warehouses`: the import takes a second.
_WAREHOUSE = "starter"
_INTEGERS = {"BYTE", "SHORT", "INT", "LONG"}
_NUMBERS = _INTEGERS | {"FLOAT", "DOUBLE", "DECIMAL"}
# A JSON number holds this many digits without loss.
_EXACT_DIGITS = 15
_UNLIMITED = 1_000_000
# Controls that json.dumps leaves as they are: C1 codes, and characters that change the direction of text.
_TERMINAL_CONTROL = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


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
        UsageError: the statement is empty.
        OutsideError: the statement failed.
    """
    if not statement.strip(" \t\r\n;"):
        raise UsageError('the statement is empty (example: `mesh local sql "show all tables"`)')
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
    """Return the rows as a JSON list of objects; numbers stay numbers.

    A second column of the same name gets a number: `id`, `id_2`.
    """
    names = _distinct(rows.columns)
    objects = [
        {
            name: _json_value(cell, type_name)
            for name, type_name, cell in zip(names, rows.types, row, strict=True)
        }
        for row in rows.values
    ]
    # JSON allows these characters; a terminal would obey them.
    return _TERMINAL_CONTROL.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(objects, indent=2, ensure_ascii=False)
    )


def as_csv(rows: ResultSet) -> str:
    """Return the rows as CSV with a header line; null is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(rows.values)
    return text.getvalue().rstrip("\n")


def print_table(rows: ResultSet, console: Console) -> None:
    """Print the rows as a table, or one column per line if the console is too narrow for the table.

    Control characters are visible escapes, except line breaks and tabs.
    """
    count = f"{len(rows.values)} row{'' if len(rows.values) == 1 else 's'}"
    table = Table(caption=count, caption_justify="left")
    for name, type_name in zip(rows.columns, rows.types, strict=True):
        table.add_column(_shown(name), justify="right" if type_name in _NUMBERS else "left")
    for row in rows.values:
        table.add_row(*map(_shown, row))
    unlimited = console.options.update(width=_UNLIMITED, max_width=_UNLIMITED)
    if Measurement.get(console, unlimited, table).minimum <= console.width:
        console.print(table)
        return
    for number, row in enumerate(rows.values, 1):
        console.rule(f"row {number}", align="left", characters="─")
        console.print(_record(rows.columns, row))
    console.print(count)


def _record(columns: Sequence[str], row: Sequence[str | None]) -> Table:
    record = Table.grid("", "", padding=(0, 2, 0, 0))
    for name, cell in zip(columns, row, strict=True):
        record.add_row(f"[bold]{_shown(name)}[/]", _shown(cell))
    return record


def _distinct(names: Sequence[str]) -> list[str]:
    distinct: list[str] = []
    for name in names:
        numbered = (f"{name}_{number}" for number in itertools.count(2))
        taken = {*distinct, *names} if name in distinct else set()
        distinct.append(name if name not in distinct else next(one for one in numbered if one not in taken))
    return distinct


def _shown(text: str | None) -> str:
    """Return a cell or a name as markup of rich."""
    if text is None:
        return "[dim]null[/]"
    return escape("".join(c if c.isprintable() or c in "\n\t" else visible(c) for c in text))


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
