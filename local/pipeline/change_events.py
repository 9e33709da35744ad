"""Change events of a table: what a pipeline keeps of them, and the rows that result from them.

All events are kept, and the rows are computed from all of them at each update. So an event that arrives late
changes the table as if it had arrived in time.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException
from pyspark.sql import Window
from pyspark.sql import functions as F

from local.pipeline.auto_cdc import AutoCdc
from local.spark.identifier import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SEQUENCE, OPERATION = "__sequence", "__operation"
START, END = "__START_AT", "__END_AT"
# In this order, if events of one key have one sequence: the first counts.
_DELETE, _TRUNCATE, _UPSERT = "delete", "truncate", "upsert"


def as_events(frame: "DataFrame", cdc: AutoCdc) -> "DataFrame":
    """Return rows of a source as events: with their sequence and their operation."""
    operation = F.lit(_UPSERT)
    for condition, name in ((cdc.truncates, _TRUNCATE), (cdc.deletes, _DELETE)):
        if condition is not None:
            matches = F.expr(condition) if isinstance(condition, str) else condition
            operation = F.when(matches, F.lit(name)).otherwise(operation)
    missing = F.raise_error(F.lit("an event has no value of sequence_by, and each event needs one"))
    sequence = F.coalesce(_column(cdc.sequence_by), missing)
    return frame.withColumns({SEQUENCE: sequence, OPERATION: operation})


def as_rows(events: "DataFrame", cdc: AutoCdc) -> "DataFrame":
    """Return the rows of the target after all events.

    Raises:
        PySparkException: the source lacks a column that the settings name.
    """
    keys = [_column(each) for each in _present(events, cdc.keys, "keys")]
    columns = _chosen(events, cdc.columns, cdc.except_columns, "column_list")
    rows = _one_per_sequence(_after_truncation(events), keys)
    if cdc.ignore_nulls:
        rows = _without_nulls(rows, columns, keys)
    if cdc.scd_type == 1:
        return _current(rows, columns, keys)
    tracked = _chosen(events, cdc.track, cdc.except_track, "track_history_column_list")
    return _history(rows, columns, [each for each in tracked if each in columns], keys)


def _current(rows: "DataFrame", columns: Sequence[str], keys: "Sequence[Column]") -> "DataFrame":
    """Return the last state of each key."""
    newest = Window.partitionBy(*keys).orderBy(F.col(SEQUENCE).desc())
    last = rows.withColumn("__number", F.row_number().over(newest)).where("__number = 1")
    return last.where(F.col(OPERATION) == _UPSERT).select(*map(_column, columns))


def _history(
    rows: "DataFrame", columns: Sequence[str], tracked: Sequence[str], keys: "Sequence[Column]"
) -> "DataFrame":
    """Return the states of each key, with begin and end. Only a change of a tracked column begins one."""
    ordered = Window.partitionBy(*keys).orderBy(SEQUENCE)
    state = F.struct(F.lit(0).alias("__none"), *map(_column, tracked))
    is_first = F.coalesce(F.lag(OPERATION).over(ordered), F.lit(_DELETE)) == _DELETE
    begins = is_first | ~F.lag(state).over(ordered).eqNullSafe(state) | (F.col(OPERATION) == _DELETE)
    rows = rows.withColumn("__begins", begins)
    rows = rows.withColumn("__state", F.count_if("__begins").over(ordered))
    whole = Window.partitionBy(*keys, F.col("__state")).orderBy(SEQUENCE)
    whole = whole.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    rows = rows.withColumn("__last", F.last(F.struct(*map(_column, columns))).over(whole))
    rows = rows.where("__begins").withColumn(END, F.lead(SEQUENCE).over(ordered))
    kept = rows.where(F.col(OPERATION) == _UPSERT)
    return kept.select("__last.*", F.col(SEQUENCE).alias(START), END)


def _after_truncation(events: "DataFrame") -> "DataFrame":
    """Return the events that are later than the last one that deletes all rows."""
    truncations = events.where(F.col(OPERATION) == _TRUNCATE).agg(F.max(SEQUENCE).alias("__truncated"))
    later = F.col("__truncated").isNull() | (F.col(SEQUENCE) > F.col("__truncated"))
    return events.crossJoin(F.broadcast(truncations)).where(later).drop("__truncated")


def _one_per_sequence(events: "DataFrame", keys: "Sequence[Column]") -> "DataFrame":
    """Return one event for each key and sequence."""
    same = Window.partitionBy(*keys, F.col(SEQUENCE)).orderBy(OPERATION)
    return events.withColumn("__number", F.row_number().over(same)).where("__number = 1").drop("__number")


def _without_nulls(rows: "DataFrame", columns: Sequence[str], keys: "Sequence[Column]") -> "DataFrame":
    """Return the events with nulls replaced by the last value since their row was deleted."""
    ordered = Window.partitionBy(*keys).orderBy(SEQUENCE)
    rows = rows.withColumn("__life", F.count_if(F.col(OPERATION) == _DELETE).over(ordered))
    of_life = Window.partitionBy(*keys, F.col("__life")).orderBy(SEQUENCE)
    filled = {each: F.last(_column(each), ignorenulls=True).over(of_life) for each in columns}
    return rows.withColumns(filled)


def _chosen(
    events: "DataFrame",
    listed: "Sequence[str | Column] | None",
    excepted: "Sequence[str | Column] | None",
    argument: str,
) -> list[str]:
    """Return the columns of the source that a list names, or that its counterpart does not name."""
    own = [each for each in events.columns if each not in (SEQUENCE, OPERATION)]
    if listed is not None:
        return _present(events, listed, argument)
    without = {each.lower() for each in _present(events, excepted or (), f"except in {argument}")}
    return [each for each in own if each.lower() not in without]


def _present(events: "DataFrame", names: "Sequence[str | Column]", argument: str) -> list[str]:
    """Return the names of columns as the source spells them."""
    own = {each.lower(): each for each in events.columns}
    texts = [each if isinstance(each, str) else events.select(each).columns[0] for each in names]
    missing = [each for each in texts if each.lower() not in own]
    if missing:
        listing = ", ".join(each for each in events.columns if each not in (SEQUENCE, OPERATION))
        raise PySparkException(
            f"[INVALID_AUTO_CDC_FLOW] {argument}: the source has no column {', '.join(missing)}"
            f" (its columns: {listing})"
        )
    return [own[each.lower()] for each in texts]


def _column(name: "str | Column") -> "Column":
    return F.col(quoted(name)) if isinstance(name, str) else name
