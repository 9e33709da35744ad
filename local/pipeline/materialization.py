"""Materializes a pipeline's datasets, each after the datasets that it reads.

Spark's own executor of pipelines (4.1) is not used: where tables exist already, it may start a dataset before
the datasets that it reads are refreshed. It also lacks expectations.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.pipelines.output import MaterializedView, Sink, Table, TemporaryView

from local.notebook import failure
from local.pipeline import tables
from local.pipeline.definitions import Definitions
from local.pipeline.expectations import apply, count_violations
from local.pipeline.query_functions import QueryFunctions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# The names that a query reads follow these keywords. The lookahead lets `FROM STREAM(x)` match both.
_READ = re.compile(r"\b(?:FROM|JOIN|STREAM|TABLE)\b[\s(]*(?=([\w.`]+))", re.IGNORECASE)

Report = Callable[..., None]


@dataclass
class Materialization:
    """The materialization of datasets in one update.

    Args:
        spark: the session.
        definitions: the datasets.
        catalog: the default catalog of tables.
        schema: the default schema of tables.
        storage: the folder of the streams' checkpoints.
        full_refresh: which streaming tables restart empty: all (True), or the named tables.
        refresh: the datasets to materialize; all if empty.
        report: receives each event and its `level`.
        tables: receives each table when it is written.
        query_functions: runs the functions that define datasets.
    """

    spark: "SparkSession"
    definitions: Definitions
    catalog: str
    schema: str
    storage: Path
    full_refresh: bool | list[str]
    refresh: list[str]
    report: Report
    tables: list[dict[str, Any]] = field(default_factory=list)
    query_functions: QueryFunctions = field(default_factory=QueryFunctions)
    _views: dict[str, "DataFrame"] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _in_progress: list[str] = field(default_factory=list)

    def all(self) -> list[dict[str, Any]]:
        """Materializes every dataset; returns tables: `name`, `rows`, `kind`, `expectations` (violations).

        Raises:
            Exception: raised by the source or by Spark.
        """
        for name in self.definitions.outputs:
            if not self.refresh or name in self.refresh or self.full_name(name) in self.refresh:
                self.dataset(name)
        return self.tables

    def dataset(self, name: str) -> None:
        """Materializes a dataset, once.

        Raises:
            ValueError: datasets read each other in a circle, or the dataset is not supported here.
        """
        if name in self._done:
            return
        if name in self._in_progress:
            raise ValueError(
                f"datasets read each other in a circle: {' -> '.join([*self._in_progress, name])}"
            )
        self._in_progress.append(name)
        try:
            self._make(name)
        except Exception as error:
            if "in dataset" not in str(getattr(error, "__notes__", "")):
                error.add_note(f"in dataset `{name}`")
                self.report(f"Flow {name} has FAILED: {failure.summary(error)}", level="ERROR")
            raise
        finally:
            self._in_progress.pop()
        self._done.add(name)

    def read(self, name: str) -> "DataFrame | str":
        """Returns the data frame of a view, or the full name of a table; materializes it first."""
        bare = name.replace("`", "")
        bare = bare[5:] if bare.upper().startswith("LIVE.") else bare
        dataset = next(
            (each for each in self.definitions.outputs if bare in (each, self.full_name(each))), None
        )
        if dataset is None:
            return name if bare == name.replace("`", "") else bare
        with self.query_functions.suspended():
            self._before_reading(dataset)
        return self._views.get(dataset, self.full_name(dataset))

    def before_sql(self, query: str) -> str:
        """Materializes what the query of a dataset reads; returns it without the older prefix `LIVE.`."""
        if not self.query_functions.running:
            return query
        for name in _READ.findall(query):
            self.read(name)
        return re.sub(r"\bLIVE\.", "", query, flags=re.IGNORECASE)

    def full_name(self, name: str) -> str:
        """Returns catalog, schema and name of a dataset, joined by dots."""
        parts = name.replace("`", "").split(".")
        return ".".join([*[self.catalog, self.schema][: 3 - len(parts)], *parts])

    def _before_reading(self, name: str) -> None:
        # A table outside of `refresh` is read as it is; a view exists in this update only.
        if (
            not self.refresh
            or name in self.refresh
            or isinstance(self.definitions.outputs[name], TemporaryView)
        ):
            self.dataset(name)

    def _make(self, name: str) -> None:
        output, flows = self.definitions.outputs[name], self.definitions.flows_into(name)
        if isinstance(output, Sink):
            raise ValueError(f"the local workspace does not support sinks: `{name}` needs Databricks")
        frames = {flow.name: self._frame(self.query_functions.call(flow.func), flow.name) for flow in flows}
        if isinstance(output, TemporaryView):
            view = apply(frames[name], name, self.definitions.expectations(name))
            view.createOrReplaceTempView(name)
            self._views[name] = view
        elif isinstance(output, Table) and frames:
            self._table(name, output, frames)

    def _frame(self, frame: Any, flow: str) -> "DataFrame":
        if not hasattr(frame, "isStreaming"):
            raise TypeError(f"the function of `{flow}` returns no data frame, but {frame!r}")
        checked: DataFrame = frame
        return checked

    def _table(self, name: str, output: Table, frames: Mapping[str, "DataFrame"]) -> None:
        target, expectations = self.full_name(name), self.definitions.expectations(name)
        stream = self._is_stream(name, output, frames)
        self.report(f"Flow {target} is RUNNING.")
        if stream:
            counts = self._append_all(name, output, frames)
        else:
            whole = reduce(lambda one, other: one.unionByName(other), frames.values())
            counts = count_violations(whole, expectations)
            for each in expectations:
                if each.action == "fail" and counts[each.name]:
                    text = f"{counts[each.name]} rows violate an expectation"
                    raise ValueError(f"{text}: {each.name}, {each.condition}")
            tables.replace_with(self.spark, target, output, apply(whole, name, expectations))
            self._done.add(name)
        rows = self.spark.table(target).count()
        self.report(f"Flow {target} has COMPLETED.")
        for expectation, violations in counts.items():
            if violations:
                self.report(f"{violations} rows for {target} fail expectation {expectation}.", level="WARN")
        kind = "streaming table" if stream else "materialized view"
        self.tables.append({"name": target, "rows": rows, "kind": kind, "expectations": counts})

    def _is_stream(self, name: str, output: Table, frames: Mapping[str, "DataFrame"]) -> bool:
        """Returns whether streams fill a table.

        Raises:
            PySparkException: a stream fills a materialized view, or a batch fills a streaming table.
        """
        target = self.full_name(name)
        streams = {flow: frame.isStreaming for flow, frame in frames.items()}
        for flow, streaming in streams.items():
            if streaming and isinstance(output, MaterializedView):
                raise PySparkException(
                    f"[INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW] Flow {flow} returns"
                    f" a stream, but {target} is a materialized view: read without readStream or STREAM, or"
                    " define a streaming table"
                )
            if not streaming and (name in self.definitions.only_streams or any(streams.values())):
                raise PySparkException(
                    f"[INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE] Flow {flow} returns no"
                    f" stream, but {target} is a streaming table: read with readStream or STREAM, or define a"
                    " materialized view"
                )
        return any(streams.values())

    def _append_all(self, name: str, output: Table, frames: Mapping[str, "DataFrame"]) -> dict[str, int]:
        """Appends the new rows of all streams; returns the violations that the table contains."""
        target, expectations = self.full_name(name), self.definitions.expectations(name)
        declared = tables.declared_schema(output)
        if declared is not None:
            for frame in frames.values():
                tables.check_schema(target, declared, frame.schema)
        self._restart(name, target)
        columns = declared or tables.nullable(next(iter(frames.values())).schema)
        tables.create(self.spark, target, output, columns, replace=False)
        tables.describe(self.spark, target, output)
        for flow, frame in frames.items():
            self._append(flow, apply(frame, name, expectations), target)
        # The rows that a stream has read cannot be counted again; those that it wrote can.
        self._done.add(name)
        return count_violations(
            self.spark.table(target), [each for each in expectations if each.action != "fail"]
        )

    def _append(self, flow: str, frame: "DataFrame", target: str) -> None:
        """Appends the new rows of a stream, and the columns that the table lacks."""
        writer = frame.writeStream.format("delta").trigger(availableNow=True)
        # Not a file: URL: Spark takes an escape such as %20 for a part of the name.
        writer = writer.option("checkpointLocation", str(self._checkpoint(target, flow)))
        query = writer.option("mergeSchema", "true").toTable(target)
        query.awaitTermination()

    def _restart(self, name: str, target: str) -> None:
        """On a full refresh drops a streaming table and its checkpoint; drops a checkpoint without table."""
        full = self.full_refresh
        requested = full is True or (isinstance(full, list) and (name in full or target in full))
        exists = self.spark.catalog.tableExists(tables.quoted(target))
        if requested and exists:
            self.spark.sql(f"DROP TABLE {tables.quoted(target)}")
        if requested or not exists:
            shutil.rmtree(self._checkpoint(target), ignore_errors=True)

    def _checkpoint(self, *names: str) -> Path:
        return self.storage.joinpath("checkpoints", *names)
