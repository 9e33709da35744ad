"""The module `dlt`, and Databricks' additions to Spark's `pyspark.pipelines`.

Names and arguments are those of the "Lakeflow Declarative Pipelines Python language reference".
"""

import sys
import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from pyspark import pipelines

from local.pipeline.definitions import Definitions
from local.pipeline.expectations import Action, Expectation, decorator
from local.pipeline.materialization import Materialization
from local.pipeline.python_flows import (
    append_flow,
    create_auto_cdc_flow,
    create_auto_cdc_from_snapshot_flow,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SPARK = {name: getattr(pipelines, name) for name in pipelines.__all__}
# Storage options of Databricks; they do not affect the content of a table.
_WITHOUT_EFFECT = ("path", "private", "cluster_by_auto", "row_filter", "refresh_policy")
_ALL: Mapping[str, Action] = {
    "expect_all": "allow",
    "expect_all_or_drop": "drop",
    "expect_all_or_fail": "fail",
}
_UNSUPPORTED = (
    "foreach_batch_sink",
    "on_event_hook",
)


def install(spark: "SparkSession", materialization: Materialization) -> None:
    """Makes `import dlt` and `from pyspark import pipelines` provide Databricks' interface.

    Args:
        spark: the session of `dlt.read`.
        materialization: materializes a dataset before it is read.
    """
    definitions = materialization.definitions
    _read_as_databricks(materialization)
    materialization.query_functions.install()
    ours: dict[str, Any] = {
        "table": _dataset("table"),
        "materialized_view": _dataset("materialized_view"),
        "temporary_view": _dataset("temporary_view"),
        "view": _dataset("temporary_view"),
        "append_flow": append_flow(definitions),
        "create_auto_cdc_flow": create_auto_cdc_flow(spark, definitions),
        "apply_changes": create_auto_cdc_flow(spark, definitions),
        "create_auto_cdc_from_snapshot_flow": create_auto_cdc_from_snapshot_flow(spark, definitions),
        "apply_changes_from_snapshot": create_auto_cdc_from_snapshot_flow(spark, definitions),
        "create_sink": _SPARK["create_sink"],
        "create_streaming_table": _create_streaming_table(definitions),
        "create_streaming_live_table": _create_streaming_table(definitions),
        "create_target_table": _create_streaming_table(definitions),
        "read": spark.read.table,
        "read_stream": lambda name: spark.readStream.table(name),
        "expect": _one("allow"),
        "expect_or_drop": _one("drop"),
        "expect_or_fail": _one("fail"),
        **{name: _many(action) for name, action in _ALL.items()},
        **{name: _unsupported(name) for name in _UNSUPPORTED},
    }
    module = types.ModuleType("dlt")
    for name, value in ours.items():
        setattr(module, name, value)
        setattr(pipelines, name, value)
    sys.modules["dlt"] = module


def _dataset(kind: str) -> Callable[..., Any]:
    """Returns Spark's decorator with Databricks' arguments; it does not change the function."""

    def define(query_function: Callable[[], Any] | None = None, **arguments: Any) -> Any:
        chosen = "temporary_view" if arguments.pop("temporary", False) else kind
        supported = {name: value for name, value in arguments.items() if name not in _WITHOUT_EFFECT}
        if chosen == "temporary_view":
            of_views = ("name", "comment", "spark_conf")
            supported = {name: value for name, value in supported.items() if name in of_views}
        spark_decorator = _SPARK[chosen](**supported)

        def outer(function: Callable[[], Any]) -> Callable[[], Any]:
            spark_decorator(function)
            return function

        return outer if query_function is None else outer(query_function)

    return define


def _create_streaming_table(definitions: Definitions) -> Callable[..., None]:
    def create(name: str, **arguments: Any) -> None:
        for argument, action in _ALL.items():
            for each in (arguments.pop(argument, None) or {}).items():
                definitions.target_expectations.setdefault(name, []).append(
                    Expectation(each[0], each[1], action)
                )
        supported = {key: value for key, value in arguments.items() if key not in _WITHOUT_EFFECT}
        definitions.only_streams.add(name)
        _SPARK["create_streaming_table"](name, **supported)

    return create


def _one(action: Action) -> Callable[[str, str], Any]:
    return lambda name, condition: decorator({name: condition}, action)


def _many(action: Action) -> Callable[[Mapping[str, str]], Any]:
    return lambda expectations: decorator(expectations, action)


def _unsupported(name: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise NotImplementedError(f"the local workspace does not support {name}: it needs Databricks")

    return refuse


def _read_as_databricks(materialization: Materialization) -> None:
    """Lets readers accept `LIVE.name` (the older name of a dataset) and Auto Loader (`cloudFiles`)."""
    from pyspark.sql.connect.readwriter import DataFrameReader
    from pyspark.sql.connect.session import SparkSession
    from pyspark.sql.connect.streaming.readwriter import DataStreamReader

    readers: tuple[Any, ...] = (DataFrameReader, SparkSession, DataStreamReader)
    for reader in readers:
        reader.table = _of_pipeline(reader.table, materialization)
    session: Any = SparkSession
    own_sql = session.sql

    def sql(self: Any, sqlQuery: str, *args: Any, **more: Any) -> Any:
        materialization.query_functions.check_sql(sqlQuery)
        return own_sql(self, materialization.before_sql(sqlQuery), *args, **more)

    session.sql = sql
    own_load = DataStreamReader.load

    def load(self: Any, *path: Any, **more: Any) -> Any:
        if self._format == "cloudFiles":
            self._format = self._options.pop("cloudFiles.format", "json")
            self._options = {k: v for k, v in self._options.items() if not k.startswith("cloudFiles.")}
        return own_load(self, *path, **more)

    DataStreamReader.load = load  # type: ignore[method-assign]


def _of_pipeline(table: Callable[..., Any], materialization: Materialization) -> Callable[..., Any]:
    def read(self: Any, tableName: str) -> Any:
        source = materialization.read(tableName)
        return table(self, source) if isinstance(source, str) else source

    return read
