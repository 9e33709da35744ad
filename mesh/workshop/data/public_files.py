"""Public files of the City of Chicago and New York's TLC, recognized by their columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh.console import visible
from mesh.datasets import taxi_trips
from mesh.errors import OutsideError
from mesh.workshop.data import crimes
from mesh.workshop.data.data_file import DataFile, file_on_disk

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]*")
_SUFFIXES = (".csv", ".parquet")
_MAX_HEADER = 1 << 20  # bytes


@dataclass(frozen=True)
class PublicFiles:
    """The public files in a folder.

    Args:
        trips: files of taxi trips.
        crimes: files of crimes.
    """

    trips: tuple[DataFile, ...]
    crimes: tuple[DataFile, ...]


def read_folder(folder: Path) -> PublicFiles:
    """Reads the columns of all files directly in a folder.

    Args:
        folder: with CSV files with a header, or Parquet files. Hidden files are ignored.

    Raises:
        OutsideError: there are no files, or files of another kind; reports all of them.
    """
    by_kind: dict[str, list[DataFile]] = {"trips": [], "crimes": []}
    problems: list[str] = []
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    for file in files:
        try:
            kind, columns = _recognize(file)
            name = f"trips/{file.name}" if kind == "trips" else file.name
            by_kind[kind].append(file_on_disk(name, columns, file))
        except (OutsideError, OSError) as error:
            problems.append(f"{visible(file.name)}: {error}")
    if not files:
        problems.append("it has no files (CSV or Parquet)")
    if problems:
        raise OutsideError(f"{folder} cannot be loaded, and nothing was loaded:\n" + "\n".join(problems))
    return PublicFiles(tuple(by_kind["trips"]), tuple(by_kind["crimes"]))


def _recognize(file: Path) -> tuple[str, tuple[str, ...]]:
    """The kind of a file, `trips` or `crimes`, and its columns."""
    if not _NAME.fullmatch(file.name):
        raise OutsideError(
            "only letters, digits, `.`, `_`, `-` and spaces are allowed in its name (rename it)"
        )
    if file.suffix not in _SUFFIXES:
        raise OutsideError("it is neither .csv nor .parquet (unpack it, or move it elsewhere)")
    columns = _parquet(file) if file.suffix == ".parquet" else _csv(file)
    if duplicates := [name for name, count in Counter(map(str.lower, columns)).items() if count > 1]:
        raise OutsideError(f"duplicate column {_list(duplicates)}")
    missing_by_kind = {
        "trips": taxi_trips.missing_columns(columns),
        "crimes": crimes.missing_columns(columns),
    }
    for kind, missing in missing_by_kind.items():
        if not missing:
            return kind, columns
    if len(missing_by_kind["crimes"]) < len(crimes.COLUMNS) / 2:
        raise OutsideError(f"columns of Chicago's crimes are missing: {_list(missing_by_kind['crimes'])}")
    if len(missing_by_kind["trips"]) < len(taxi_trips.REQUIRED) + 1:
        raise OutsideError(f"columns of taxi trips are missing: {_list(missing_by_kind['trips'])}")
    raise OutsideError(f"it contains neither taxi trips nor Chicago's crimes (its columns: {_list(columns)})")


def _csv(file: Path) -> tuple[str, ...]:
    with file.open("rb") as stream:
        header = stream.readline(_MAX_HEADER)
    try:
        rows = list(csv.reader([header.decode("utf-8-sig")], strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise OutsideError(f"its first line is not CSV in UTF-8 ({error})") from error
    if not rows or not any(rows[0]):
        raise OutsideError("its first line has no column names")
    return tuple(rows[0])


def _parquet(file: Path) -> tuple[str, ...]:
    from mesh.datasets import parquet

    try:
        return parquet.columns(file)
    except ImportError:
        raise OutsideError(
            "reading Parquet needs the packages of the local workspace (`make install`, or use CSV files)"
        ) from None


def _list(columns: Sequence[str]) -> str:
    few = ", ".join(f"`{visible(column[:120])}`" for column in columns[:12])
    return few + (", …" if len(columns) > 12 else "")
