"""The definitions of a pipeline's source, collected before anything is written.

So a function may read a dataset that is defined below it, as on Databricks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.pipelines.flow import Flow
from pyspark.pipelines.graph_element_registry import GraphElementRegistry
from pyspark.pipelines.output import MaterializedView, Output, StreamingTable, TemporaryView
from pyspark.pipelines.source_code_location import SourceCodeLocation

from local.notebook import statements
from local.pipeline import sql_clauses, sql_flows
from local.pipeline.auto_cdc import AutoCdc
from local.pipeline.expectations import Action, Expectation, expectations_of
from local.pipeline.snapshots import NextSnapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CREATE = re.compile(
    r"CREATE\s+(?:OR\s+(?:REFRESH|REPLACE)\s+)?(?:PRIVATE\s+)?"
    r"(?P<kind>MATERIALIZED\s+VIEW|STREAMING\s+(?:LIVE\s+)?TABLE|TEMP(?:ORARY)?\s+(?:LIVE\s+)?VIEW"
    r"|LIVE\s+(?:TABLE|VIEW)|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w.`]+)"
    r"(?P<between>.*?)\bAS\s+(?P<query>\(?\s*(?:SELECT|WITH|FROM|VALUES|TABLE)\b.*)",
    re.IGNORECASE | re.DOTALL,
)
# Without a query: flows fill the table.
_CREATE_EMPTY = re.compile(
    r"CREATE\s+(?:OR\s+REFRESH\s+)?(?:PRIVATE\s+)?(?P<kind>STREAMING\s+(?:LIVE\s+)?TABLE)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w.`]+)(?P<between>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SET = re.compile(r"SET\s+(?P<name>[\w.]+)\s*=\s*(?P<value>.*)", re.IGNORECASE | re.DOTALL)
_CONSTRAINT = re.compile(
    r"CONSTRAINT\s+`?(?P<name>[^`\s]+)`?\s+EXPECT\s*\((?P<condition>[^()]*(?:\([^()]*\)[^()]*)*)\)"
    r"(?:\s*ON\s+VIOLATION\s+(?P<action>DROP|FAIL))?",
    re.IGNORECASE,
)


@dataclass
class Definitions(GraphElementRegistry):
    """The datasets of a pipeline and their flows, in the order of the source.

    Args:
        spark: runs the queries of datasets that SQL defines.
    """

    spark: "SparkSession"
    outputs: dict[str, Output] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    target_expectations: dict[str, list[Expectation]] = field(default_factory=dict)
    only_streams: set[str] = field(default_factory=set)
    """The tables that SQL or `create_streaming_table` declares as streaming tables. `@table` takes both."""
    changes: dict[str, AutoCdc] = field(default_factory=dict)
    """The settings of auto CDC flows, by the name of the flow."""
    snapshots: dict[str, NextSnapshot] = field(default_factory=dict)
    """The snapshots of auto CDC flows from snapshots, by the name of the flow, which is in `changes`, too."""
    once: set[str] = field(default_factory=set)
    """The flows that run only in the first update, and after a full refresh."""
    appending: set[str] = field(default_factory=set)
    """The flows of `append_flow`, which have no expectations of their own."""

    def register_output(self, output: Output) -> None:
        """Adds a dataset.

        Raises:
            ValueError: a dataset of that name exists.
        """
        if output.name in self.outputs:
            first = self.outputs[output.name].source_code_location
            place = f"{first.filename}:{first.line_number}"
            raise ValueError(f"dataset `{output.name}` is defined twice: first at {place}")
        self.outputs[output.name] = output

    def register_flow(self, flow: Flow) -> None:
        """Adds a flow that fills a dataset."""
        self.flows.append(flow)

    def register_sql(self, sql_text: str, file_path: Path) -> None:
        """Adds the datasets that a SQL file defines.

        Raises:
            ValueError: a statement defines no dataset.
        """
        for statement in statements.split(sql_text):
            place = SourceCodeLocation(str(file_path), 1)
            if match := _SET.fullmatch(statement):
                self.spark.conf.set(match["name"], match["value"].strip().strip("'\""))
            elif flow := sql_flows.read(statement):
                self._register_sql_flow(flow, place)
            elif match := _CREATE.fullmatch(statement):
                self._register_dataset(match, match["between"], place)
                self._register_query(match, place)
            elif match := _CREATE_EMPTY.fullmatch(statement):
                self._register_streaming_table(match, place)
            else:
                first = " ".join(statement.split())[:60]
                raise ValueError(
                    f"{file_path}: `{first}` defines neither a table, a view nor a flow of a pipeline"
                )

    def expectations(self, name: str) -> list[Expectation]:
        """Returns the expectations on the rows of a dataset."""
        return [*self.target_expectations.get(name, []), *self._flow_expectations(name)]

    def flows_into(self, name: str) -> list[Flow]:
        """Returns the flows that fill a dataset."""
        return [flow for flow in self.flows if _is_same(sql_flows.bare(flow.target), name)]

    def check_targets(self) -> None:
        """Checks that each flow fills a dataset.

        Raises:
            ValueError: no source defines the dataset, or a flow that appends has expectations.
        """
        for flow in self.flows:
            target = sql_flows.bare(flow.target)
            if not any(_is_same(target, name) for name in self.outputs):
                raise ValueError(
                    f"flow `{flow.name}` fills `{target}`, which no source of the pipeline defines"
                    " (create_streaming_table or CREATE STREAMING TABLE defines it)"
                )
            if flow.name in self.appending and expectations_of(flow.func):
                raise ValueError(
                    f"flow `{flow.name}` of append_flow has no expectations: give them to"
                    f" create_streaming_table of `{target}`"
                )

    def _flow_expectations(self, name: str) -> Iterator[Expectation]:
        for flow in self.flows_into(name):
            yield from expectations_of(flow.func)

    def _register_dataset(self, match: re.Match[str], between: str, place: SourceCodeLocation) -> None:
        name, kind = match["name"].replace("`", ""), " ".join(match["kind"].upper().split())
        if kind.endswith("VIEW") and kind != "MATERIALIZED VIEW":
            output: Output = TemporaryView(name, None, place)
        else:
            declared = sql_clauses.read(between)
            self.only_streams.update([name] if kind.startswith("STREAMING") else [])
            output = (StreamingTable if kind.startswith("STREAMING") else MaterializedView)(
                name,
                declared.comment,
                place,
                declared.properties,
                declared.partitioned_by,
                declared.clustered_by,
                declared.schema,
                None,
            )
        self.register_output(output)
        for each in _CONSTRAINT.finditer(between):
            actions: dict[str, Action] = {"DROP": "drop", "FAIL": "fail"}
            action = actions.get((each["action"] or "").upper(), "allow")
            expectation = Expectation(each["name"], each["condition"].strip(), action)
            self.target_expectations.setdefault(name, []).append(expectation)

    def _register_query(self, match: re.Match[str], place: SourceCodeLocation) -> None:
        name, query = match["name"].replace("`", ""), match["query"]
        self.register_flow(Flow(name, name, {}, place, lambda: self.spark.sql(query)))

    def _register_streaming_table(self, match: re.Match[str], place: SourceCodeLocation) -> None:
        flow = sql_flows.OF_TABLE.search(match["between"])
        self._register_dataset(match, match["between"][: flow.start() if flow else None], place)
        if flow:
            name, once = match["name"].replace("`", ""), bool(flow["once"])
            self._register_sql_flow(sql_flows.of_changes(None, name, flow["clauses"], once=once), place)

    def _register_sql_flow(self, flow: sql_flows.SqlFlow, place: SourceCodeLocation) -> None:
        name = flow.name or flow.target
        self.register_flow(Flow(name, flow.target, {}, place, lambda: self.spark.sql(flow.query)))
        self.once.update([name] if flow.once else [])
        if flow.changes:
            self.changes[name] = flow.changes


def _is_same(target: str, name: str) -> bool:
    """Return whether two names mean one dataset; one of them may have its schema and catalog."""
    one, other = target.lower(), name.lower()
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
