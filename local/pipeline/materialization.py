"""Materializes a pipeline's datasets, each after the datasets that it reads.

Spark's own executor of pipelines (4.1) is not used: where tables exist already, it may start a dataset before
the datasets that it reads are refreshed. It also lacks expectations.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.pipelines.output import Sink, Table, TemporaryView

from local.notebook import failure
from local.pipeline import tables
from local.pipeline.definitions import Definitions
from local.pipeline.expectations import Checked, Expectation, apply, count_all, observe, observed
from local.pipeline.flow_types import is_stream
from local.pipeline.query_functions import QueryFunctions
from local.pipeline.streaming_tables import StreamingTables
from local.pipeline.streams import Observed, Streams

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
        report: receives each event, its `level` and its `details`.
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
    _of_views: list[Checked] = field(default_factory=list)
    _unobserved: dict[str, list[Expectation]] = field(default_factory=dict)
    _streaming: StreamingTables = field(init=False)

    def __post_init__(self) -> None:
        streams = Streams(self.spark, self.storage)
        self._streaming = StreamingTables(self.spark, self.definitions, streams, self.full_refresh)

    def all(self) -> list[dict[str, Any]]:
        """Materializes every dataset; returns tables: `name`, `rows`, `kind`, `expectations`.

        Raises:
            Exception: raised by the source or by Spark.
        """
        self.definitions.check_targets()
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
        if any(flow.name in self.definitions.snapshots for flow in flows) and isinstance(output, Table):
            if len(flows) > 1:
                raise ValueError(f"a flow from snapshots is the only one into {name}, which has {len(flows)}")
            self._snapshots(name, output, flows[0].name)
            return
        frames = {flow.name: self._frame(self.query_functions.call(flow.func), flow.name) for flow in flows}
        if isinstance(output, TemporaryView):
            self._view(name, frames[name])
        elif isinstance(output, Table) and frames:
            self._table(name, output, frames)
        elif isinstance(output, Sink) and frames:
            self._sink(output, frames)

    def _view(self, name: str, frame: "DataFrame") -> None:
        expectations = self.definitions.expectations(name)
        if frame.isStreaming:
            # The table that reads the view observes its rows.
            self._unobserved[name] = expectations
            frame = observe(frame, name, expectations)
        else:
            self._of_views += count_all(frame, name, expectations)
        view = apply(frame, name, expectations)
        view.createOrReplaceTempView(name)
        self._views[name] = view

    def _sink(self, sink: Sink, frames: Mapping[str, "DataFrame"]) -> None:
        if self.definitions.expectations(sink.name):
            raise ValueError(f"a sink has no expectations: put those of `{sink.name}` on a table or view")
        is_stream(sink.name, sink, frames, only_streams=True)
        self.report(f"Flow {sink.name} is RUNNING.")
        checked = self._checked_views(self._streaming.to_sink(sink, frames))
        self.report(f"Flow {sink.name} has COMPLETED.")
        self._report_expectations(sink.name, checked)

    def _frame(self, frame: Any, flow: str) -> "DataFrame":
        if not hasattr(frame, "isStreaming"):
            raise TypeError(f"the function of `{flow}` returns no data frame, but {frame!r}")
        checked: DataFrame = frame
        return checked

    def _table(self, name: str, output: Table, frames: Mapping[str, "DataFrame"]) -> None:
        target, definitions = self.full_name(name), self.definitions
        once = frozenset(definitions.once)
        stream = is_stream(target, output, frames, only_streams=name in definitions.only_streams, once=once)
        self.report(f"Flow {target} is RUNNING.")
        batches: list[Observed] = []
        if stream:
            changes = any(flow in definitions.changes for flow in frames)
            fill = self._streaming.change if changes else self._streaming.append
            checked, batches = fill(name, target, output, frames)
        else:
            checked = self._replace(name, target, output, frames)
        kind = "streaming table" if stream else "materialized view"
        self._end(name, kind, [*checked, *self._checked_views(batches)])

    def _snapshots(self, name: str, output: Table, flow: str) -> None:
        target = self.full_name(name)
        self.report(f"Flow {target} is RUNNING.")
        checked = self._streaming.compare(name, target, output, flow)
        self._end(name, "streaming table", [*checked, *self._checked_views([])])

    def _end(self, name: str, kind: str, checked: list[Checked]) -> None:
        """Reports the end of a table's flow, its rows and the results of expectations."""
        target = self.full_name(name)
        self._done.add(name)
        rows = self.spark.table(target).count()
        self.report(f"Flow {target} has COMPLETED.")
        self._report_expectations(target, checked)
        found = [asdict(each) for each in checked]
        self.tables.append({"name": target, "rows": rows, "kind": kind, "expectations": found})

    def _replace(
        self, name: str, target: str, output: Table, frames: Mapping[str, "DataFrame"]
    ) -> list[Checked]:
        """Replaces a table by the rows of all flows; returns the results of expectations."""
        expectations = self.definitions.expectations(name)
        whole = reduce(lambda one, other: one.unionByName(other), frames.values())
        checked = count_all(whole, name, expectations)
        for each, result in zip(expectations, checked, strict=True):
            if each.action == "fail" and result.failed_records:
                text = f"{result.failed_records} rows violate an expectation"
                self._report_expectations(target, checked)
                raise ValueError(f"{text}: {each.name}, {each.condition}")
        tables.replace_with(self.spark, target, output, apply(whole, name, expectations))
        return checked

    def _checked_views(self, batches: Sequence[Observed]) -> list[Checked]:
        """Returns the results of expectations on views that a dataset read, each once in an update."""
        checked, self._of_views = self._of_views, []
        for view, expectations in list(self._unobserved.items()):
            found = observed(batches, view, expectations)
            if found:
                del self._unobserved[view]
                checked += found
        return checked

    def _report_expectations(self, target: str, checked: Sequence[Checked]) -> None:
        """Reports the results of expectations as the event log of Databricks has them."""
        if not checked:
            return
        dropped = max((each.failed_records for each in checked if each.action == "drop"), default=0)
        names = ("name", "dataset", "passed_records", "failed_records")
        found = [{name: getattr(each, name) for name in names} for each in checked]
        quality = {"dropped_records": dropped, "expectations": found}
        self.report(
            f"Flow {target} checked {len(checked)} expectations.",
            details={"flow_progress": {"data_quality": quality}},
        )
        for each in checked:
            if each.failed_records:
                self.report(
                    f"{each.failed_records} rows for {target} fail expectation {each.name}.", level="WARN"
                )
