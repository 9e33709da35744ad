"""The module `dlt`, and functions that work only on Databricks."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pyspark import pipelines
from pyspark.pipelines.graph_element_registry import graph_element_registration_context
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.connect.streaming.readwriter import DataStreamReader

from local.pipeline import databricks
from local.pipeline.definitions import Definitions
from local.pipeline.expectations import Expectation
from local.pipeline.materialization import Materialization


class FakeSpark:
    """A session whose readers return their arguments."""

    class _Reader:
        def table(self, name: str) -> str:
            return name

    read = readStream = _Reader()


@pytest.fixture
def definitions(monkeypatch: pytest.MonkeyPatch) -> Definitions:
    """The definitions that `dlt` adds to; Spark's readers are restored after the test."""
    for reader in (DataFrameReader, SparkSession, DataStreamReader):
        monkeypatch.setattr(reader, "table", reader.table)
    monkeypatch.setattr(SparkSession, "sql", SparkSession.sql)
    monkeypatch.setattr(DataStreamReader, "load", DataStreamReader.load)
    return Definitions(FakeSpark())  # type: ignore[arg-type]


@pytest.fixture
def dlt(definitions: Definitions) -> Iterator[ModuleType]:
    """The module as a pipeline imports it."""
    before = dict(vars(pipelines))
    spark: Any = definitions.spark
    databricks.install(spark, Materialization(spark, definitions, "c", "s", Path("/none"), False, [], print))
    with graph_element_registration_context(definitions):
        yield importlib.import_module("dlt")
    vars(pipelines).clear()
    vars(pipelines).update(before)
    del sys.modules["dlt"]


def test_a_decorated_function_defines_a_table_and_stays_callable(
    dlt: ModuleType, definitions: Definitions
) -> None:
    @dlt.table(comment="Rides", path="/ignored", table_properties={"a": "b"})
    @dlt.expect_or_drop("paid", "fare > 0")
    def rides() -> str:
        return "frame"

    assert rides() == "frame"
    assert list(definitions.outputs) == ["rides"]
    assert definitions.outputs["rides"].comment == "Rides"
    assert definitions.expectations("rides") == [Expectation("paid", "fare > 0", "drop")]


def test_a_temporary_table_is_a_view(dlt: ModuleType, definitions: Definitions) -> None:
    @dlt.table(temporary=True, partition_cols=["day"])
    def rides() -> str:
        return "frame"

    assert type(definitions.outputs["rides"]).__name__ == "TemporaryView"


def test_a_streaming_table_takes_expectations(dlt: ModuleType, definitions: Definitions) -> None:
    dlt.create_streaming_table("rides", expect_all={"a": "x"}, expect_all_or_fail={"b": "y"})

    assert definitions.expectations("rides") == [
        Expectation("a", "x", "allow"),
        Expectation("b", "y", "fail"),
    ]


@pytest.mark.parametrize("name", ["foreach_batch_sink", "on_event_hook"])
def test_an_unsupported_function_fails_with_its_name(dlt: ModuleType, name: str) -> None:
    with pytest.raises(NotImplementedError, match=f"does not support {name}: it needs Databricks"):
        getattr(dlt, name)("target")


def test_flows_of_changes_have_their_settings_under_both_names(
    dlt: ModuleType, definitions: Definitions
) -> None:
    dlt.apply_changes("rides", "events", ["id"], "ts", apply_as_deletes="op = 'D'", stored_as_scd_type=2)
    dlt.create_auto_cdc_flow(target="rides", source="old", keys=["id"], sequence_by="ts", name="b", once=True)

    assert [(flow.name, flow.func()) for flow in definitions.flows_into("rides")] == [
        ("rides", "events"),
        ("b", "old"),
    ]
    assert (definitions.changes["rides"].deletes, definitions.changes["rides"].scd_type) == ("op = 'D'", 2)
    assert definitions.once == {"b"}
    with pytest.raises(TypeError, match="does not support colums of create_auto_cdc_flow"):
        dlt.create_auto_cdc_flow(target="t", source="s", keys=["id"], sequence_by="ts", colums=["a"])


def test_an_appending_flow_has_no_expectations(dlt: ModuleType, definitions: Definitions) -> None:
    dlt.create_streaming_table("rides")

    @dlt.append_flow(target="rides")
    @dlt.expect("paid", "fare > 0")
    def more() -> str:
        return "frame"

    with pytest.raises(ValueError, match="flow `more` of append_flow has no expectations"):
        definitions.check_targets()
