"""The settings of auto CDC flows: how change events become rows of a streaming table.

Source of names and rules: Databricks documentation, "create_auto_cdc_flow" and "AUTO CDC INTO".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from pyspark.sql import Column

_EXCLUSIVE = (
    ("column_list", "except_column_list"),
    ("track_history_column_list", "track_history_except_column_list"),
)
_ONLY_OF_TYPE = {
    1: ("apply_as_truncates",),
    2: ("track_history_column_list", "track_history_except_column_list"),
}


@dataclass(frozen=True)
class AutoCdc:
    """The settings of one flow.

    Args:
        keys: the columns that identify a row.
        sequence_by: the column, or an expression, that orders the events of a key.
        deletes: the condition of an event that deletes its row; text is SQL.
        truncates: the condition of an event that deletes all rows.
        columns: the columns of the target; None for all of the source.
        except_columns: the columns of the source that the target lacks.
        scd_type: 1 keeps the last state of each key, 2 keeps its history.
        track: the columns whose changes begin a new row of the history; None for all.
        except_track: the columns whose changes do not.
        ignore_nulls: whether an event's null leaves the former value.
    """

    keys: "Sequence[str | Column]"
    sequence_by: "str | Column"
    deletes: "str | Column | None" = None
    truncates: "str | Column | None" = None
    columns: "Sequence[str | Column] | None" = None
    except_columns: "Sequence[str | Column] | None" = None
    scd_type: int = 1
    track: "Sequence[str | Column] | None" = None
    except_track: "Sequence[str | Column] | None" = None
    ignore_nulls: bool = False


def settings(flow: str, arguments: Mapping[str, Any]) -> AutoCdc:
    """Return the settings of a flow.

    Args:
        flow: the name of the flow, for errors.
        arguments: arguments of `create_auto_cdc_flow`, by name; those that are None count as omitted.

    Raises:
        PySparkException: an argument is missing, or arguments exclude each other.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    scd_type = {"1": 1, "2": 2}.get(str(given.get("stored_as_scd_type", 1)).strip())
    if scd_type is None:
        _refuse(flow, f"stored_as_scd_type is 1 or 2, not {given['stored_as_scd_type']!r}")
    if not given.get("keys") or isinstance(given["keys"], str):
        _refuse(flow, "keys is a list of at least one column")
    if "sequence_by" not in given:
        _refuse(flow, "sequence_by names the column that orders the events")
    for one, other in _EXCLUSIVE:
        if one in given and other in given:
            _refuse(flow, f"{one} and {other} exclude each other")
    for scd, names in _ONLY_OF_TYPE.items():
        for name in names:
            if scd != scd_type and name in given:
                _refuse(flow, f"{name} needs stored_as_scd_type={scd}")
    return AutoCdc(
        given["keys"],
        given["sequence_by"],
        given.get("apply_as_deletes"),
        given.get("apply_as_truncates"),
        given.get("column_list"),
        given.get("except_column_list"),
        scd_type,
        given.get("track_history_column_list"),
        given.get("track_history_except_column_list"),
        bool(given.get("ignore_null_updates")),
    )


def _refuse(flow: str, reason: str) -> NoReturn:
    raise PySparkException(f"[INVALID_AUTO_CDC_FLOW] flow `{flow}`: {reason}")
