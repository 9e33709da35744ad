"""Which tables a notebook wrote: those with a Delta commit that carries the session's mark."""

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
    """What every commit of one session carries, since when.

    Args:
        text: unique to the session.
        since: seconds since the epoch; commits before it need no look.
    """

    text: str
    since: float


def mark(spark: "SparkSession") -> Mark:
    """Have every commit of the session carry a mark, and return it."""
    made = Mark(f"notebook run {uuid4()}", time.time() - 1)
    spark.conf.set(USER_METADATA, made.text)
    return made


def written(warehouse: Path, mark: Mark) -> list[tuple[str, str, str]]:
    """Return catalog, schema and name of the tables in the warehouse that have a commit with the mark.

    A table that names a location of its own outside the warehouse is not found.
    """
    found = set[tuple[str, str, str]]()
    for log in _changed(warehouse, mark.since):
        if any(_user_metadata(commit) == mark.text for commit in _commits(log, mark.since)):
            catalog, schema, table = log.parent.relative_to(warehouse).parts
            found.add((catalog, schema, table))
    return sorted(found)


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
