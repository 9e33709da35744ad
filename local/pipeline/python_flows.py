"""`append_flow`, `create_auto_cdc_flow` and `apply_changes` of a pipeline's Python source."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pyspark.pipelines.flow import Flow
from pyspark.pipelines.source_code_location import get_caller_source_code_location

from local.pipeline import auto_cdc, snapshots
from local.pipeline.definitions import Definitions
from local.pipeline.snapshots import NextSnapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Arguments of Databricks that do not affect the content of a table here.
_WITHOUT_EFFECT = ("comment", "eager")
_OF_CHANGES = (
    "ignore_null_updates",
    "apply_as_deletes",
    "apply_as_truncates",
    "column_list",
    "except_column_list",
    "stored_as_scd_type",
    "track_history_column_list",
    "track_history_except_column_list",
)


def append_flow(definitions: Definitions) -> Callable[..., Any]:
    """Return the decorator `append_flow`; it does not change the function."""

    def decorator(
        *,
        target: str,
        name: str | None = None,
        once: bool = False,
        spark_conf: dict[str, str] | None = None,
        **arguments: Any,
    ) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        _refuse_unknown("append_flow", arguments, ())
        place = get_caller_source_code_location(stacklevel=1)

        def register(function: Callable[[], Any]) -> Callable[[], Any]:
            flow = name or function.__name__
            definitions.register_flow(Flow(flow, target, spark_conf or {}, place, function))
            definitions.appending.add(flow)
            definitions.once.update([flow] if once else [])
            return function

        return register

    return decorator


def create_auto_cdc_flow(spark: "SparkSession", definitions: Definitions) -> Callable[..., None]:
    """Return the function `create_auto_cdc_flow`, which is also called `apply_changes`.

    Args:
        spark: the session, which reads the source.
        definitions: receives the flow.
    """

    def create(
        target: str,
        source: str,
        keys: Any = None,
        sequence_by: Any = None,
        *,
        where: Any = None,
        flow_name: str | None = None,
        name: str | None = None,
        once: bool = False,
        **arguments: Any,
    ) -> None:
        flow = name or flow_name or target
        _refuse_unknown("create_auto_cdc_flow", arguments, _OF_CHANGES)
        settings = auto_cdc.settings(flow, {**arguments, "keys": keys, "sequence_by": sequence_by})

        def events() -> Any:
            frame = spark.read.table(source) if once else spark.readStream.table(source)
            return frame if where is None else frame.where(where)

        place = get_caller_source_code_location(stacklevel=1)
        definitions.register_flow(Flow(flow, target, {}, place, events))
        definitions.changes[flow] = settings
        definitions.once.update([flow] if once else [])

    return create


def create_auto_cdc_from_snapshot_flow(
    spark: "SparkSession", definitions: Definitions
) -> Callable[..., None]:
    """Return the function `create_auto_cdc_from_snapshot_flow`, also called `apply_changes_from_snapshot`.

    Args:
        spark: the session, which reads the source.
        definitions: receives the flow.
    """

    def create(
        target: str,
        source: "str | NextSnapshot",
        keys: Any = None,
        stored_as_scd_type: Any = 1,
        *,
        name: str | None = None,
        **arguments: Any,
    ) -> None:
        flow = name or target
        _refuse_unknown("create_auto_cdc_from_snapshot_flow", arguments, _OF_CHANGES[-2:])
        given = {"keys": keys, "sequence_by": "version", "stored_as_scd_type": stored_as_scd_type}
        definitions.changes[flow] = auto_cdc.settings(flow, {**arguments, **given})
        place = get_caller_source_code_location(stacklevel=1)
        definitions.register_flow(Flow(flow, target, {}, place, lambda: None))  # type: ignore[arg-type, return-value]
        definitions.snapshots[flow] = snapshots.of_table(spark, source) if isinstance(source, str) else source

    return create


def _refuse_unknown(function: str, arguments: dict[str, Any], known: Sequence[str]) -> None:
    unknown = sorted(set(arguments) - {*known, *_WITHOUT_EFFECT})
    if unknown:
        raise TypeError(f"the local workspace does not support {', '.join(unknown)} of {function}")
