"""Makes a pipeline's datasets: each after those that it reads.

Spark's own executor of pipelines (4.1) is not used: where tables exist already, it may begin a dataset before
those that it reads are made anew. Nor does it know expectations.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.pipelines.output import Sink, Table, TemporaryView

from local.notebook import failure
from local.pipeline.definitions import Definitions
from local.pipeline.expectations import applied, failures

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# What a query reads: names after these words. The look ahead lets `FROM STREAM(x)` give both.
_READ = re.compile(r"\b(?:FROM|JOIN|STREAM|TABLE)\b[\s(]*(?=([\w.`]+))", re.IGNORECASE)

Tell = Callable[..., None]


@dataclass
class Making:
    """One update's work.

    Args:
        spark: the session.
        definitions: the datasets.
        catalog: where tables go that name no other catalog.
        schema: likewise.
        storage: where it is kept how far streams have read.
        full_refresh: whether streaming tables begin anew: all of them (True), or those named.
        refresh: the only ones to make; all of them if empty.
        tell: told each event, and its `level`.
    """

    spark: "SparkSession"
    definitions: Definitions
    catalog: str
    schema: str
    storage: Path
    full_refresh: bool | list[str]
    refresh: list[str]
    tell: Tell
    made: list[dict[str, Any]] = field(default_factory=list)
    _views: dict[str, "DataFrame"] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _doing: list[str] = field(default_factory=list)

    def all(self) -> list[dict[str, Any]]:
        """Make every dataset and return the tables: `name`, `rows`, `kind`, `expectations` (bad rows).

        Raises:
            Exception: whatever the source raises, or Spark.
        """
        for name in self.definitions.outputs:
            if not self.refresh or name in self.refresh or self.full_name(name) in self.refresh:
                self.dataset(name)
        return self.made

    def dataset(self, name: str) -> None:
        """Make a dataset, if that is not done yet.

        Raises:
            ValueError: datasets read each other in a circle, or this one cannot be made here.
        """
        if name in self._done:
            return
        if name in self._doing:
            raise ValueError(f"datasets read each other in a circle: {' -> '.join([*self._doing, name])}")
        self._doing.append(name)
        try:
            self._make(name)
        except Exception as error:
            if "in dataset" not in str(getattr(error, "__notes__", "")):
                error.add_note(f"in dataset `{name}`")
                self.tell(f"Flow {name} has FAILED: {failure.summary(error)}", level="ERROR")
            raise
        finally:
            self._doing.pop()
        self._done.add(name)

    def read(self, name: str) -> "DataFrame | str":
        """Return the data frame of a view, or the full name of a table, made before it is read."""
        bare = name.replace("`", "")
        bare = bare[5:] if bare.upper().startswith("LIVE.") else bare
        known = next(
            (each for each in self.definitions.outputs if bare in (each, self.full_name(each))), None
        )
        if known is None:
            return name if bare == name.replace("`", "") else bare
        self._before_reading(known)
        return self._views.get(known, self.full_name(known))

    def before_sql(self, query: str) -> str:
        """Make what a query reads, and return it without the older way to name datasets (`LIVE.`)."""
        for name in _READ.findall(query):
            self.read(name)
        return re.sub(r"\bLIVE\.", "", query, flags=re.IGNORECASE)

    def full_name(self, name: str) -> str:
        """Return catalog, schema and name of a dataset."""
        parts = name.replace("`", "").split(".")
        return ".".join([*[self.catalog, self.schema][: 3 - len(parts)], *parts])

    def _before_reading(self, name: str) -> None:
        # What was not asked for is read as it is; a view is nowhere else.
        if (
            not self.refresh
            or name in self.refresh
            or isinstance(self.definitions.outputs[name], TemporaryView)
        ):
            self.dataset(name)

    def _make(self, name: str) -> None:
        output, flows = self.definitions.outputs[name], self.definitions.into(name)
        if isinstance(output, Sink):
            raise ValueError(f"the local workspace writes no sink: `{name}` needs Databricks")
        frames = {flow.name: self._frame(flow.func(), flow.name) for flow in flows}
        if isinstance(output, TemporaryView):
            view = applied(frames[name], name, self.definitions.expectations(name))
            view.createOrReplaceTempView(name)
            self._views[name] = view
        elif isinstance(output, Table) and frames:
            self._table(name, output, frames)

    def _frame(self, frame: Any, flow: str) -> "DataFrame":
        if not hasattr(frame, "isStreaming"):
            raise TypeError(f"the function of `{flow}` returns no data frame, but {frame!r}")
        found: DataFrame = frame
        return found

    def _table(self, name: str, output: Table, frames: Mapping[str, "DataFrame"]) -> None:
        target, expectations = self.full_name(name), self.definitions.expectations(name)
        whole = reduce(lambda one, other: one.unionByName(other), frames.values())
        stream = any(frame.isStreaming for frame in frames.values())
        self.tell(f"Flow {target} is RUNNING.")
        if stream:
            self._begin_anew(name, target)
            for flow, frame in frames.items():
                self._append(flow, applied(frame, name, expectations), target, output)
            # What a stream has read cannot be counted again; what it wrote can.
            self._done.add(name)
            kept = [each for each in expectations if each.action != "fail"]
            counts = failures(self.spark.table(target), kept)
        else:
            counts = failures(whole, expectations)
            for each in expectations:
                if each.action == "fail" and counts[each.name]:
                    text = f"{counts[each.name]} rows are not as expected"
                    raise ValueError(f"{text}: {each.name}, {each.condition}")
            writer = applied(whole, name, expectations).write.format("delta").mode("overwrite")
            writer = writer.option("overwriteSchema", "true")
            if output.partition_cols:
                writer = writer.partitionBy(*output.partition_cols)
            writer.saveAsTable(target)
            self._done.add(name)
        rows = self.spark.table(target).count()
        self.tell(f"Flow {target} has COMPLETED.")
        for expectation, bad in counts.items():
            if bad:
                self.tell(f"{bad} rows for {target} fail expectation {expectation}.", level="WARN")
        kind = "streaming table" if stream else "materialized view"
        self.made.append({"name": target, "rows": rows, "kind": kind, "expectations": counts})

    def _append(self, flow: str, frame: "DataFrame", target: str, output: Table) -> None:
        """Write what is new: of a stream what it has not read yet, else all of it."""
        if not frame.isStreaming:
            frame.write.format("delta").mode("append").saveAsTable(target)
            return
        writer = frame.writeStream.format("delta").trigger(availableNow=True)
        writer = writer.option("checkpointLocation", self._checkpoint(target, flow).as_uri())
        if output.partition_cols:
            writer = writer.partitionBy(*output.partition_cols)
        query = writer.toTable(target)
        query.awaitTermination()

    def _begin_anew(self, name: str, target: str) -> None:
        """Forget a streaming table and how far it has read, where that was asked for, or only one is left."""
        full = self.full_refresh
        asked = full is True or (isinstance(full, list) and (name in full or target in full))
        quoted = ".".join(f"`{part}`" for part in target.split("."))
        exists = self.spark.catalog.tableExists(quoted)
        if asked and exists:
            self.spark.sql(f"DROP TABLE {quoted}")
        if asked or not exists:
            shutil.rmtree(self._checkpoint(target), ignore_errors=True)

    def _checkpoint(self, *names: str) -> Path:
        return self.storage.joinpath("checkpoints", *names)
