"""Which queries may fill which datasets: streams and batches.

Source: Databricks documentation, "Load and process data incrementally with flows". The errors are Spark's.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException
from pyspark.pipelines.output import MaterializedView, Output, Sink

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def is_stream(
    target: str,
    output: Output,
    frames: Mapping[str, "DataFrame"],
    *,
    only_streams: bool,
    once: frozenset[str] = frozenset(),
) -> bool:
    """Return whether streams fill a table or sink.

    Args:
        target: the full name of the dataset, for errors.
        output: its declaration.
        frames: the data frame of each flow.
        only_streams: whether it is declared as a streaming table.
        once: the flows that run once, as batches.

    Raises:
        PySparkException: a stream fills a materialized view, or a batch fills a streaming table or a sink.
    """
    streams = {flow: frame.isStreaming for flow, frame in frames.items()}
    expects_streams = only_streams or isinstance(output, Sink) or any(streams.values())
    for flow, streaming in streams.items():
        if streaming and isinstance(output, MaterializedView):
            raise PySparkException(
                f"[INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW] Flow {flow} returns"
                f" a stream, but {target} is a materialized view: read without readStream or STREAM, or"
                " define a streaming table"
            )
        if streaming and flow in once:
            raise PySparkException(
                f"[INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_ONCE_FLOW] Flow {flow} runs once, but"
                " returns a stream: read without readStream or STREAM, or omit once"
            )
        if not streaming and flow not in once and expects_streams:
            kind = "SINK" if isinstance(output, Sink) else "STREAMING_TABLE"
            word = "sink" if isinstance(output, Sink) else "streaming table"
            raise PySparkException(
                f"[INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_{kind}] Flow {flow} returns no stream, but"
                f" {target} is a {word}: read with readStream or STREAM, or define a materialized view"
            )
    return expects_streams
