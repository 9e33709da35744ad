"""Which queries may fill which datasets."""

from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.pipelines.output import MaterializedView, Sink, StreamingTable

from local.pipeline.flow_types import is_stream

PLACE: Any = None
TABLE = StreamingTable("t", None, PLACE, {}, None, None, None, None)
VIEW = MaterializedView("t", None, PLACE, {}, None, None, None, None)
SINK = Sink("t", None, PLACE, "delta", {})


@dataclass
class Frame:
    """A data frame."""

    isStreaming: bool


def test_streams_and_flows_that_run_once_fill_a_streaming_table() -> None:
    frames: Any = {"f": Frame(True), "once": Frame(False)}
    assert is_stream("t", TABLE, frames, only_streams=True, once=frozenset({"once"}))
    batch: Any = {"f": Frame(False)}
    assert not is_stream("t", VIEW, batch, only_streams=False)


@pytest.mark.parametrize(
    ("output", "streaming", "once", "condition"),
    [
        (VIEW, True, (), "STREAMING_RELATION_FOR_MATERIALIZED_VIEW"),
        (TABLE, False, (), "BATCH_RELATION_FOR_STREAMING_TABLE"),
        (SINK, False, (), "BATCH_RELATION_FOR_SINK"),
        (TABLE, True, ("f",), "STREAMING_RELATION_FOR_ONCE_FLOW"),
    ],
)
def test_other_queries_are_refused(
    output: Any, streaming: bool, once: tuple[str, ...], condition: str
) -> None:
    frames: Any = {"f": Frame(streaming)}
    with pytest.raises(PySparkException, match=rf"\[INVALID_FLOW_QUERY_TYPE.{condition}\] Flow f "):
        is_stream("t", output, frames, only_streams=output is TABLE, once=frozenset(once))
