"""What a pipeline's source defines: collected first, given to Spark when all of it is known.

Spark's own registry asks each function for its data frame at once; Databricks reads all of the source before,
so that a function may use what is defined below it, and takes a table for a streaming one only if what its
function returns is a stream.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.pipelines.add_pipeline_analysis_context import add_pipeline_analysis_context
from pyspark.pipelines.block_connect_access import block_spark_connect_execution_and_analysis
from pyspark.pipelines.flow import Flow
from pyspark.pipelines.graph_element_registry import GraphElementRegistry
from pyspark.pipelines.output import MaterializedView, Output, StreamingTable

from local.pipeline.expectations import Expectation, applied, expected_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class Dataset:
    """A dataset as it was given to Spark.

    Args:
        name: as the source spells it.
        kind: `materialized view`, `streaming table`, `view`, `sink`.
        expectations: what is expected of its rows.
    """

    name: str
    kind: str
    expectations: tuple[Expectation, ...]


@dataclass
class Definitions(GraphElementRegistry):
    """All outputs, flows and SQL of a pipeline, in the order of the source."""

    outputs: dict[str, Output] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    sql: list[tuple[str, Path]] = field(default_factory=list)
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
        """Take up what a dataset is made from."""
        self.flows.append(flow)

    def register_sql(self, sql_text: str, file_path: Path) -> None:
        """Take up a file of SQL."""
        self.sql.append((sql_text, file_path))

    def give(self, registry: GraphElementRegistry, spark: "SparkSession", graph_id: str) -> list[Dataset]:
        """Register everything with Spark, and return the datasets that Python defines.

        Args:
            registry: Spark's.
            spark: the session that the functions use.
            graph_id: the pipeline's graph on the server.

        Raises:
            Exception: whatever a function raises.
        """
        flows = [self._evaluated(flow, spark, graph_id) for flow in self.flows]
        streams = {flow.target for flow in flows if _is_stream(flow.func(), spark)}
        filled = {flow.target for flow in flows}
        datasets = []
        for output in self.outputs.values():
            given = output
            if isinstance(output, StreamingTable) and output.name in filled - streams:
                given = MaterializedView(**vars(output))
            registry.register_output(given)
            datasets.append(Dataset(output.name, _kind(given), tuple(self._expectations(output.name))))
        for flow in flows:
            registry.register_flow(flow)
        for text, file in self.sql:
            registry.register_sql(text, file)
        return datasets

    def _expectations(self, target: str) -> Iterator[Expectation]:
        yield from self.expected_of_target.get(target, [])
        for flow in self.flows:
            if flow.target == target:
                yield from expected_of(flow.func)

    def _evaluated(self, flow: Flow, spark: "SparkSession", graph_id: str) -> Flow:
        with _analysis(spark, graph_id, flow.name):
            frame = flow.func()
        if not hasattr(frame, "_plan"):
            raise TypeError(f"the function of `{flow.name}` returns no data frame, but {frame!r}")
        expectations = [*self.expected_of_target.get(flow.target, []), *expected_of(flow.func)]
        checked = applied(frame, flow.target, expectations)
        return replace(flow, func=_constant(checked))


@contextmanager
def _analysis(spark: "SparkSession", graph_id: str, flow: str) -> Iterator[None]:
    with (
        add_pipeline_analysis_context(spark=spark, dataflow_graph_id=graph_id, flow_name=flow),
        block_spark_connect_execution_and_analysis(),
    ):
        yield


def _constant(frame: "DataFrame") -> Callable[[], "DataFrame"]:
    return lambda: frame


def _is_stream(frame: Any, spark: Any) -> bool:
    """Whether a data frame reads a stream; its plan says so, which Spark need not be asked for."""
    return "is_streaming: true" in str(frame._plan.plan(spark.client))


def _kind(output: Output) -> str:
    kinds: Mapping[str, str] = {
        "MaterializedView": "materialized view",
        "StreamingTable": "streaming table",
        "Sink": "sink",
    }
    return kinds.get(type(output).__name__, "view")
