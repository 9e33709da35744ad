"""The tables that a task wrote: those with a Delta commit of rows that carries the mark of its sessions."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from local.spark.identifier import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
WAREHOUSE = "spark.mesh.catalog.warehouse"
# Delta 4.3, DeltaOperations: what changes the description of a table and no rows. Comments of tables are
# `Manual Update`.
_WITHOUT_ROWS = {
    *("CHANGE COLUMN", "CHANGE COLUMNS", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES"),
    *("ADD CONSTRAINT", "DROP CONSTRAINT", "Manual Update"),
}


@dataclass(frozen=True)
class Mark:
    """The text that every Delta commit of a task carries.

    Args:
        text: unique to the task.
        since: seconds since the epoch; older commits are not read.
    """

    text: str
    since: float


def new_mark() -> Mark:
    """Returns a mark for the sessions of a task."""
    return Mark(f"notebook run {uuid4()}", time.time() - 1)


def set_mark(spark: "SparkSession", mark: Mark) -> None:
    """Sets the mark of every commit of a session."""
    spark.conf.set(USER_METADATA, mark.text)


def with_rows(spark: "SparkSession", mark: Mark) -> list[dict[str, Any]]:
    """Returns the existing tables with a commit that carries the mark: name and number of rows."""
    warehouse = Path(str(spark.conf.get(WAREHOUSE)))
    tables = []
    for parts in written_tables(warehouse, mark):
        name = quoted(*parts)
        if spark.catalog.tableExists(name):
            rows = _rows(warehouse.joinpath(*parts, "_delta_log"))
            rows = spark.table(name).count() if rows is None else rows
            tables.append({"name": ".".join(parts), "rows": rows})
    return tables


def _rows(log: Path) -> int | None:
    """Returns the number of rows that Delta's checksum of the last commit has; None if it has none.

    It lists the files of a small table with their statistics, so that Spark need not read the table.
    """
    last = max((file.stem for file in log.glob("*.json") if file.stem.isdigit()), default="")
    try:
        files = json.loads((log / f"{last}.crc").read_text(encoding="utf-8"))["allFiles"]
        return sum(_file_rows(file) for file in files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file_rows(file: Mapping[str, Any]) -> int:
    deleted = (file.get("deletionVector") or {}).get("cardinality", 0)
    return int(json.loads(file["stats"])["numRecords"]) - int(deleted)


def written_tables(warehouse: Path, mark: Mark) -> list[tuple[str, str, str]]:
    """Returns catalog, schema and name of the tables in the warehouse with a commit that carries the mark.

    External tables, which are outside the warehouse, are not included.
    """
    tables = set[tuple[str, str, str]]()
    for log in _changed(warehouse, mark.since):
        if any(_is_of(commit, mark) for commit in _commits(log, mark.since)):
            catalog, schema, table = log.parent.relative_to(warehouse).parts
            tables.add((catalog, schema, table))
    return sorted(tables)


def _changed(warehouse: Path, since: float) -> Iterator[Path]:
    return (log for log in warehouse.glob("*/*/*/_delta_log") if log.stat().st_mtime >= since)


def _commits(log: Path, since: float) -> Iterator[Path]:
    return (file for file in log.glob("*.json") if file.stat().st_mtime >= since)


def _is_of(commit: Path, mark: Mark) -> bool:
    """True if a commit carries the mark and changes rows."""
    for line in commit.read_text(encoding="utf-8").splitlines():
        if line.startswith('{"commitInfo"'):
            info = json.loads(line)["commitInfo"]
            return info.get("userMetadata") == mark.text and info.get("operation") not in _WITHOUT_ROWS
    return False
