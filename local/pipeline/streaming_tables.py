"""Streaming tables: what flows append to them, or the changes that auto CDC flows apply to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.pipelines.output import Sink, Table

from local.pipeline import change_events, tables
from local.pipeline.definitions import Definitions
from local.pipeline.expectations import Checked, apply, count_all, observe, observed
from local.pipeline.snapshots import append_snapshots
from local.pipeline.streams import Observed, Streams

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Frames = Mapping[str, "DataFrame"]


@dataclass(frozen=True)
class StreamingTables:
    """The streaming tables and sinks of one update.

    Args:
        spark: the session.
        definitions: the datasets.
        streams: the streams of the update.
        full_refresh: which tables restart empty: all (True), or the named tables.
    """

    spark: "SparkSession"
    definitions: Definitions
    streams: Streams
    full_refresh: bool | list[str]

    def append(
        self, name: str, target: str, output: Table, frames: Frames
    ) -> tuple[list[Checked], list[Observed]]:
        """Append the new rows of all flows; return the results of expectations, and what was observed.

        Raises:
            PySparkException: a query does not fit the declared columns, or a row violates an expectation.
        """
        expectations = self.definitions.expectations(name)
        declared = tables.declared_schema(output)
        if declared is not None:
            for frame in frames.values():
                tables.check_schema(target, declared, frame.schema)
        self._restart(name, target, output)
        columns = declared or tables.nullable(next(iter(frames.values())).schema)
        tables.create(self.spark, target, output, columns, replace=False)
        tables.describe(self.spark, target, output)
        found: list[Checked] = []
        batches: list[Observed] = []
        for flow, frame in frames.items():
            if flow in self.definitions.once:
                if self._append_once(flow, target, apply(frame, name, expectations)):
                    found += count_all(frame, name, expectations)
                continue
            checked = apply(observe(frame, name, expectations), name, expectations)
            batches += self.streams.to_table(target, flow, checked)
        return [*found, *observed(batches, name, expectations)], batches

    def change(
        self, name: str, target: str, output: Table, frames: Frames
    ) -> tuple[list[Checked], list[Observed]]:
        """Apply the changes of auto CDC flows; return the results of expectations, and what was observed.

        Raises:
            ValueError: flows that append fill the same table, or its flows differ in their settings.
            PySparkException: an event has no sequence, or settings name a column that the source lacks.
        """
        settings = [self.definitions.changes.get(flow) for flow in frames]
        cdc = settings[0]
        if cdc is None or any(each is None or each.scd_type != cdc.scd_type for each in settings):
            raise ValueError(
                f"all flows into {target} are auto CDC flows with one stored_as_scd_type, or none is"
            )
        expectations = self.definitions.expectations(name)
        self._restart(name, target, output)
        batches: list[Observed] = []
        for flow, frame in frames.items():
            own = self.definitions.changes[flow]
            if flow in self.definitions.once:
                log = str(self.streams.log(target))
                events = change_events.as_events(apply(frame, name, expectations), own)
                self.streams.append_once(flow, events).save(log)
                continue
            checked = apply(observe(frame, name, expectations), name, expectations)
            batches += self.streams.to_log(target, flow, change_events.as_events(checked, own))
        events = self.spark.read.format("delta").load(str(self.streams.log(target)))
        tables.replace_with(self.spark, target, output, change_events.as_rows(events, cdc))
        return observed(batches, name, expectations), batches

    def compare(self, name: str, target: str, output: Table, flow: str) -> list[Checked]:
        """Apply the differences of new snapshots; return the results of expectations.

        Raises:
            ValueError: the version of a snapshot is not later than the one before.
        """
        expectations, found = self.definitions.expectations(name), list[Checked]()
        self._restart(name, target, output)
        log, cdc = self.streams.log(target), self.definitions.changes[flow]

        def checked(frame: "DataFrame") -> "DataFrame":
            found.extend(count_all(frame, name, expectations))
            return apply(frame, name, expectations)

        if append_snapshots(self.spark, log, cdc, self.definitions.snapshots[flow], checked):
            events = self.spark.read.format("delta").load(str(log))
            tables.replace_with(self.spark, target, output, change_events.as_rows(events, cdc))
        return found

    def to_sink(self, sink: Sink, frames: Frames) -> list[Observed]:
        """Append the new rows of all flows to a sink; after a full refresh all rows, as on Databricks."""
        if self._is_refreshed(sink.name, sink.name):
            self.streams.restart(f"sink {sink.name}")
        return [each for flow, frame in frames.items() for each in self.streams.to_sink(sink, flow, frame)]

    def _append_once(self, flow: str, target: str, frame: "DataFrame") -> bool:
        """Append the rows of a batch unless an earlier update has done so; return whether it did."""
        version = "DESCRIBE HISTORY {} LIMIT 1"
        before = self.spark.sql(version.format(tables.quoted(target))).collect()[0].version
        self.streams.append_once(flow, frame).saveAsTable(tables.quoted(target))
        after: int = self.spark.sql(version.format(tables.quoted(target))).collect()[0].version
        return after != before

    def _restart(self, name: str, target: str, output: Table) -> None:
        """On a full refresh drops a table and its checkpoints; drops checkpoints without a table."""
        may_restart = str(output.table_properties.get("pipelines.reset.allowed", "true")).lower() != "false"
        requested = may_restart and self._is_refreshed(name, target)
        exists = self.spark.catalog.tableExists(tables.quoted(target))
        if requested and exists:
            self.spark.sql(f"DROP TABLE {tables.quoted(target)}")
        if requested or not exists:
            self.streams.restart(target)

    def _is_refreshed(self, name: str, target: str) -> bool:
        full = self.full_refresh
        return full is True or (isinstance(full, list) and (name in full or target in full))
