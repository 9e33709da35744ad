"""Streams of a pipeline: each appends what is new since the last update; a checkpoint keeps its position."""

import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.pipelines.output import Sink

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
    from pyspark.sql.streaming.readwriter import DataStreamWriter

# What Spark observed in one batch: the values of each observation, by its name.
Observed = dict[str, list[Any]]
_PROGRESSES = "spark.sql.streaming.numRecentProgressUpdates"


@dataclass(frozen=True)
class Streams:
    """The streams of one update.

    Args:
        spark: the session.
        storage: the folder that is kept between updates.
    """

    spark: "SparkSession"
    storage: Path

    def to_table(self, target: str, flow: str, frame: "DataFrame") -> list[Observed]:
        """Append the new rows to a table, and the columns that it lacks; return what was observed."""
        writer = self._writer(target, flow, frame).option("mergeSchema", "true")
        return _finished(writer.toTable(target))

    def to_log(self, target: str, flow: str, frame: "DataFrame") -> list[Observed]:
        """Append new events to the log of a table; return what was observed."""
        writer = self._writer(target, flow, frame).option("mergeSchema", "true")
        return _finished(writer.start(str(self.log(target))))

    def append_once(self, flow: str, frame: "DataFrame") -> "DataFrameWriter":
        """Return a writer that appends the rows of a batch unless an earlier update has appended them.

        Delta writes a transaction of one application and version only once.
        """
        writer = frame.write.format("delta").mode("append").option("mergeSchema", "true")
        return writer.option("txnAppId", f"flow {flow}").option("txnVersion", "1")

    def to_sink(self, sink: Sink, flow: str, frame: "DataFrame") -> list[Observed]:
        """Append the new rows to a sink; return what was observed.

        Raises:
            ValueError: the sink is none of Delta, or its options name no target.
        """
        if sink.format.lower() != "delta":
            raise ValueError(
                f"the local workspace writes sinks of format delta: `{sink.name}` of format {sink.format}"
                " needs Databricks"
            )
        options = {name.lower(): value for name, value in sink.options.items()}
        path, table = options.pop("path", None), options.pop("tablename", None)
        if (path is None) == (table is None):
            raise ValueError(f"the options of sink `{sink.name}` need one of path and tableName")
        writer = self._writer(f"sink {sink.name}", flow, frame).options(**options)
        return _finished(writer.toTable(table) if table else writer.start(path))

    def restart(self, target: str) -> None:
        """Forget what the streams into a target have read, and its events."""
        for kind in ("checkpoints", "events"):
            shutil.rmtree(self.storage / kind / target, ignore_errors=True)

    def log(self, target: str) -> Path:
        """Return the folder of a table's events; after a restart another one, since Delta caches folders."""
        folder = self.storage / "events" / target
        folder.mkdir(parents=True, exist_ok=True)
        return next(folder.iterdir(), folder / uuid.uuid4().hex)

    def _writer(self, target: str, flow: str, frame: "DataFrame") -> "DataStreamWriter":
        # Every progress counts, for the rows that were observed.
        self.spark.conf.set(_PROGRESSES, "100000")
        writer = frame.writeStream.format("delta").trigger(availableNow=True)
        # Not a file: URL: Spark takes an escape such as %20 for a part of the name.
        checkpoint = self.storage.joinpath("checkpoints", target, flow)
        return writer.option("checkpointLocation", str(checkpoint))


def _finished(query: Any) -> list[Observed]:
    """Wait for the end of a query and return what each of its batches observed."""
    query.awaitTermination()
    progresses: Iterable[Any] = query.recentProgress
    # Over Connect, a row is its values and its schema.
    return [
        {name: list(row["values"]) for name, row in each["observedMetrics"].items()} for each in progresses
    ]
