"""Files as the City of Chicago and New York's TLC publish them, told apart by their columns."""

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
from mesh.workshop.data.data_file import Part, from_file

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]*")
_SUFFIXES = (".csv", ".parquet")
_HEADER = 1 << 20  # bytes: no header is longer


@dataclass(frozen=True)
class Published:
    """What a folder holds.

    Args:
        trips: files of taxi trips.
        crimes: files of crimes.
    """

    trips: tuple[Part, ...]
    crimes: tuple[Part, ...]


def read_folder(folder: Path) -> Published:
    """Look at all files directly in a folder.

    Args:
        folder: holds CSV files with a header, or Parquet files. Hidden files are none of ours.

    Raises:
        OutsideError: there are none, or some of them are not what is known; says all that is wrong.
    """
    found: dict[str, list[Part]] = {"trips": [], "crimes": []}
    wrong: list[str] = []
    files = sorted(one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    for file in files:
        try:
            kind, columns = _look(file)
            found[kind].append(from_file(f"{'trips/' if kind == 'trips' else ''}{file.name}", columns, file))
        except (OutsideError, OSError) as error:
            wrong.append(f"{visible(file.name)}: {error}")
    if not files:
        wrong.append("there are no files in it (CSV or Parquet)")
    if wrong:
        raise OutsideError(f"{folder} cannot be loaded, and nothing was:\n" + "\n".join(wrong))
    return Published(tuple(found["trips"]), tuple(found["crimes"]))


def _look(file: Path) -> tuple[str, tuple[str, ...]]:
    if not _NAME.fullmatch(file.name):
        raise OutsideError("a name may hold letters, digits, `.`, `_`, `-` and spaces (rename it)")
    if file.suffix not in _SUFFIXES:
        raise OutsideError("it is neither .csv nor .parquet (unpack it, or move it elsewhere)")
    columns = _parquet(file) if file.suffix == ".parquet" else _csv(file)
    if twice := [name for name, count in Counter(map(str.lower, columns)).items() if count > 1]:
        raise OutsideError(f"column {_named(twice)} is there twice")
    lacking = {"trips": taxi_trips.missing(columns), "crimes": crimes.missing(columns)}
    for kind, missing in lacking.items():
        if not missing:
            return kind, columns
    if len(lacking["crimes"]) < len(crimes.COLUMNS) / 2:
        raise OutsideError(f"of the columns of Chicago's crimes, it lacks {_named(lacking['crimes'])}")
    if len(lacking["trips"]) < len(taxi_trips.NEEDED) + 1:
        raise OutsideError(f"of the columns of taxi trips, it lacks {_named(lacking['trips'])}")
    raise OutsideError(f"it holds neither taxi trips nor Chicago's crimes (its columns: {_named(columns)})")


def _csv(file: Path) -> tuple[str, ...]:
    with file.open("rb") as stream:
        header = stream.readline(_HEADER)
    try:
        rows = list(csv.reader([header.decode("utf-8-sig")], strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise OutsideError(f"its first line is no CSV in UTF-8 ({error})") from error
    if not rows or not any(rows[0]):
        raise OutsideError("its first line does not name columns")
    return tuple(rows[0])


def _parquet(file: Path) -> tuple[str, ...]:
    from mesh.datasets import parquet

    try:
        return parquet.columns(file)
    except ImportError:
        raise OutsideError(
            "Parquet is read with what the local workspace has (`make install`, or load CSV files)"
        ) from None


def _named(columns: Sequence[str]) -> str:
    few = ", ".join(f"`{visible(one[:120])}`" for one in columns[:12])
    return few + (", …" if len(columns) > 12 else "")
