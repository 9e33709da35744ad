"""The tables that a task wrote: those with a Delta commit that carries the mark of its sessions."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from local.spark.identifier import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
WAREHOUSE = "spark.mesh.catalog.warehouse"


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
            tables.append({"name": ".".join(parts), "rows": spark.table(name).count()})
    return tables


def written_tables(warehouse: Path, mark: Mark) -> list[tuple[str, str, str]]:
    """Returns catalog, schema and name of the tables in the warehouse with a commit that carries the mark.

    External tables, which are outside the warehouse, are not included.
    """
    tables = set[tuple[str, str, str]]()
    for log in _changed(warehouse, mark.since):
        if any(_user_metadata(commit) == mark.text for commit in _commits(log, mark.since)):
            catalog, schema, table = log.parent.relative_to(warehouse).parts
            tables.add((catalog, schema, table))
    return sorted(tables)


def _changed(warehouse: Path, since: float) -> Iterator[Path]:
    return (log for log in warehouse.glob("*/*/*/_delta_log") if log.stat().st_mtime >= since)


def _commits(log: Path, since: float) -> Iterator[Path]:
    return (file for file in log.glob("*.json") if file.stat().st_mtime >= since)


def _user_metadata(commit: Path) -> str | None:
    for line in commit.read_text(encoding="utf-8").splitlines():
        if line.startswith('{"commitInfo"'):
            metadata: str | None = json.loads(line)["commitInfo"].get("userMetadata")
            return metadata
    return None
