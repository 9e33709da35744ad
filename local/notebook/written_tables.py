"""The tables that a notebook wrote: those with a Delta commit that carries the session's mark."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
WAREHOUSE = "spark.mesh.catalog.warehouse"


@dataclass(frozen=True)
class Mark:
    """The text that every Delta commit of one session carries.

    Args:
        text: unique to the session.
        since: seconds since the epoch; older commits are not read.
    """

    text: str
    since: float


def mark(spark: "SparkSession") -> Mark:
    """Sets a mark for every commit of the session, and returns it."""
    new = Mark(f"notebook run {uuid4()}", time.time() - 1)
    spark.conf.set(USER_METADATA, new.text)
    return new


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
