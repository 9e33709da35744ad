"""Auto CDC from snapshots: whole tables in a row, whose differences are the changes.

Source: Databricks documentation, "create_auto_cdc_from_snapshot_flow".
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from local.pipeline import change_events
from local.pipeline.auto_cdc import AutoCdc
from local.pipeline.change_events import OPERATION, SEQUENCE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Returns the snapshot after a version with its own version, or None; for None, the first.
NextSnapshot = Callable[[Any], "tuple[DataFrame, Any] | None"]


def of_table(spark: "SparkSession", source: str) -> NextSnapshot:
    """Return a function for a table whose content at each update is a snapshot, with the time as version."""
    taken = False

    def next_snapshot(latest: Any) -> "tuple[DataFrame, Any] | None":
        nonlocal taken
        if taken:
            return None
        taken = True
        return spark.read.table(source), datetime.now()

    return next_snapshot


def append_snapshots(
    spark: "SparkSession",
    log: Path,
    cdc: AutoCdc,
    next_snapshot: NextSnapshot,
    checked: "Callable[[DataFrame], DataFrame]",
) -> bool:
    """Append the changes of all new snapshots to the events of a table; return whether there are events.

    Args:
        spark: the session.
        log: the folder of the events.
        cdc: the settings of the flow.
        next_snapshot: returns the snapshots.
        checked: returns the rows of a snapshot without those that expectations drop.

    Raises:
        ValueError: the version of a snapshot is not later than the one before.
    """
    exists = log.exists()
    latest = _events(spark, log).agg(F.max(SEQUENCE)).collect()[0][0] if exists else None
    while (found := next_snapshot(latest)) is not None:
        frame, version = found
        if latest is not None and version <= latest:
            raise ValueError(f"a snapshot has version {version}, which is not later than {latest}")
        changes = _as_events(checked(frame), "upsert", version)
        if exists:
            current = change_events.as_rows(_events(spark, log), replace(cdc, scd_type=1))
            gone = current.join(frame.select(*cdc.keys), on=list(cdc.keys), how="left_anti")
            changes = changes.unionByName(_as_events(gone, "delete", version), allowMissingColumns=True)
        changes.write.format("delta").mode("append").option("mergeSchema", "true").save(str(log))
        exists, latest = True, version
    return exists


def _events(spark: "SparkSession", log: Path) -> "DataFrame":
    return spark.read.format("delta").load(str(log))


def _as_events(frame: "DataFrame", operation: str, version: Any) -> "DataFrame":
    return frame.withColumns({SEQUENCE: F.lit(version), OPERATION: F.lit(operation)})
