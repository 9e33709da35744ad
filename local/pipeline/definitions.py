"""What a pipeline's source defines: collected first, made when all of it is known.

A function may thus use what is defined below it, as on Databricks.
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
from local.pipeline.expectations import Action, Expectation, expected_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CREATE = re.compile(
    r"CREATE\s+(?:OR\s+(?:REFRESH|REPLACE)\s+)?(?:PRIVATE\s+)?"
    r"(?P<kind>MATERIALIZED\s+VIEW|STREAMING\s+(?:LIVE\s+)?TABLE|TEMP(?:ORARY)?\s+(?:LIVE\s+)?VIEW"
    r"|LIVE\s+(?:TABLE|VIEW)|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w.`]+)"
    r"(?P<between>.*?)\bAS\s+(?P<query>\(?\s*(?:SELECT|WITH|FROM|VALUES|TABLE)\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_CONSTRAINT = re.compile(
    r"CONSTRAINT\s+`?(?P<name>[^`\s]+)`?\s+EXPECT\s*\((?P<condition>[^()]*(?:\([^()]*\)[^()]*)*)\)"
    r"(?:\s*ON\s+VIOLATION\s+(?P<action>DROP|FAIL))?",
    re.IGNORECASE,
)


@dataclass
class Definitions(GraphElementRegistry):
    """All datasets of a pipeline and what fills them, in the order of the source.

    Args:
        spark: runs the queries of those that SQL defines.
    """

    spark: "SparkSession"
    outputs: dict[str, Output] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    expected_of_target: dict[str, list[Expectation]] = field(default_factory=dict)

    def register_output(self, output: Output) -> None:
        """Take up a dataset.

        Raises:
            ValueError: there is one of that name.
        """
        if output.name in self.outputs:
            first = self.outputs[output.name].source_code_location
            place = f"{first.filename}:{first.line_number}"
            raise ValueError(f"dataset `{output.name}` is defined twice: first at {place}")
        self.outputs[output.name] = output

    def register_flow(self, flow: Flow) -> None:
        """Take up what a dataset is filled from."""
        self.flows.append(flow)

    def register_sql(self, sql_text: str, file_path: Path) -> None:
        """Take up the datasets that a file of SQL defines.

        Raises:
            ValueError: a statement defines none.
        """
        for statement in statements.split(sql_text):
            found = _CREATE.fullmatch(statement)
            if found is None:
                first = " ".join(statement.split())[:60]
                raise ValueError(f"{file_path}: `{first}` defines no table and no view of a pipeline")
            self._register_query(found, SourceCodeLocation(str(file_path), 1))

    def expectations(self, name: str) -> list[Expectation]:
        """Return what is expected of a dataset's rows."""
        return [*self.expected_of_target.get(name, []), *self._expected_of_flows(name)]

    def into(self, name: str) -> list[Flow]:
        """Return what fills a dataset."""
        return [flow for flow in self.flows if flow.target == name]

    def _expected_of_flows(self, name: str) -> Iterator[Expectation]:
        for flow in self.into(name):
            yield from expected_of(flow.func)

    def _register_query(self, found: re.Match[str], place: SourceCodeLocation) -> None:
        name, query = found["name"].replace("`", ""), found["query"]
        kind = " ".join(found["kind"].upper().split())
        if kind.endswith("VIEW") and kind != "MATERIALIZED VIEW":
            output: Output = TemporaryView(name, None, place)
        else:
            table = StreamingTable if kind.startswith("STREAMING") else MaterializedView
            output = table(name, None, place, {}, None, None, None, None)
        self.register_output(output)
        for each in _CONSTRAINT.finditer(found["between"]):
            actions: dict[str, Action] = {"DROP": "drop", "FAIL": "fail"}
            action = actions.get((each["action"] or "").upper(), "allow")
            expected = Expectation(each["name"], each["condition"].strip(), action)
            self.expected_of_target.setdefault(name, []).append(expected)
        self.register_flow(Flow(name, name, {}, place, lambda: self.spark.sql(query)))
