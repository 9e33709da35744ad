"""Tables in files beside a test: CSV, or YAML with columns and rows."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SUFFIXES = (".csv", ".yml", ".yaml")
MAX_BYTES = 5_000_000
_TYPED = re.compile(r"(?P<name>[^:]+):(?P<type>.+)")


class TableFileError(ValueError):
    """A file with a table cannot be read; the message names the file and the remedy."""


@dataclass(frozen=True)
class FileTable:
    """A table as a file declares it.

    Args:
        columns: the names of the columns with their Spark types.
        rows: the values, in the order of the columns; None for null.
    """

    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]


def read(file: Path) -> FileTable:
    """Returns the table in a file.

    A CSV file has a line with the names of the columns, each with its type if that is not plain:
    `id,"amount:decimal(9,2)"`; an empty value is null. A YAML file has a list of rows, each a mapping, or
    `columns` (names with types) and `rows` (lists of values).

    Raises:
        TableFileError: the file does not exist, or is not such a table.
    """
    if file.suffix not in SUFFIXES:
        raise TableFileError(f"{file.name} is no table (write a file ending in {', '.join(SUFFIXES)})")
    if not file.is_file():
        beside = sorted(path.name for path in file.parent.glob("*") if path.suffix in SUFFIXES)
        raise TableFileError(
            f"{file.name} does not exist beside the test (files: {', '.join(beside) or 'none'})"
        )
    if file.stat().st_size > MAX_BYTES:
        raise TableFileError(f"{file.name} has more than {MAX_BYTES:,} bytes (take fewer rows)")
    return _csv(file) if file.suffix == ".csv" else _yaml(file)


def rows_table(rows: Sequence[Mapping[str, Any]], name: str = "the list") -> FileTable:
    """Returns a table of rows that are mappings; a missing value is null.

    Args:
        rows: the rows.
        name: what to call them in messages.

    Raises:
        TableFileError: there is no row, or a row is no mapping.
    """
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        raise TableFileError(f"{name} should be a list of rows, each a mapping of columns to values")
    names = list(dict.fromkeys(str(key) for row in rows for key in row))
    values = [[row.get(one) for one in names] for row in rows]
    return FileTable({one: _type([row[i] for row in values]) for i, one in enumerate(names)}, values)


def data_frame(table: FileTable, spark: "SparkSession") -> "DataFrame":
    """Returns a table as a data frame."""
    from pyspark.sql import functions as F

    names = list(table.columns)
    texts = [tuple(_text(value) for value in row) for row in table.rows]
    frame = spark.createDataFrame(texts, ", ".join(f"`{name}` string" for name in names))
    return frame.select(*(F.col(f"`{name}`").cast(type).alias(name) for name, type in table.columns.items()))


def _csv(file: Path) -> FileTable:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))
    if not lines:
        raise TableFileError(f"{file.name} is empty (write the names of the columns in its first line)")
    head, *body = lines
    rows = [line for line in body if line]
    for number, row in enumerate(rows, 2):
        if len(row) != len(head):
            raise TableFileError(f"{file.name}, row {number}: {len(row)} values for {len(head)} columns")
    values = [[cell or None for cell in row] for row in rows]
    columns: dict[str, str] = {}
    for index, cell in enumerate(head):
        typed = _TYPED.fullmatch(cell.strip())
        name = typed["name"].strip() if typed else cell.strip()
        if not name or name in columns:
            raise TableFileError(f"{file.name}: column {index + 1} has no name of its own")
        columns[name] = typed["type"].strip() if typed else _type([_plain(row[index]) for row in values])
    return FileTable(columns, values)


def _yaml(file: Path) -> FileTable:
    try:
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TableFileError(f"{file.name} is not YAML: {error}") from None
    if isinstance(declared, list):
        return rows_table(declared, file.name)
    columns = declared.get("columns") if isinstance(declared, dict) else None
    rows = declared.get("rows") if isinstance(declared, dict) else None
    if not isinstance(columns, dict) or not isinstance(rows, list) or not columns:
        raise TableFileError(f"{file.name} should have `columns` with types and `rows`, or be a list of rows")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(columns):
            raise TableFileError(f"{file.name}, row {number}: should be a list of {len(columns)} values")
    return FileTable({str(name): str(type) for name, type in columns.items()}, rows)


def _plain(text: str | None) -> Any:
    """The number or truth value that a text of CSV is, else the text."""
    if text is None:
        return None
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?(0|[1-9]\d*)", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text


def _type(values: Sequence[Any]) -> str:
    """The Spark type of values: bigint, double, boolean, or string if they are mixed."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "bigint"
    return (
        "double" if kinds and kinds <= {int, float} else "decimal(38,9)" if kinds == {Decimal} else "string"
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
