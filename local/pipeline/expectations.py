"""Expectations: conditions on the rows of a dataset, and what happens to rows that violate them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Action = Literal["allow", "drop", "fail"]
Function = TypeVar("Function", bound=Callable[..., Any])

_EXPECTATIONS = "__expectations__"


@dataclass(frozen=True)
class Expectation:
    """One expectation.

    Args:
        name: its name.
        condition: a SQL condition that is true for a valid row.
        action: keep an invalid row (`allow`), drop it (`drop`), or fail the update (`fail`).
    """

    name: str
    condition: str
    action: Action


@dataclass(frozen=True)
class Checked:
    """What an update found for one expectation, in the words of the event log.

    Args:
        name: the name of the expectation.
        dataset: the table or view whose rows it is about.
        action: what happens to rows that violate it.
        passed_records: the number of rows that satisfy it.
        failed_records: the number of rows that violate it.
    """

    name: str
    dataset: str
    action: Action
    passed_records: int
    failed_records: int


def decorator(expectations: Mapping[str, str], action: Action) -> Callable[[Function], Function]:
    """Returns a decorator that adds expectations (SQL conditions by name) to a query function's result."""

    def expect(function: Function) -> Function:
        added = [Expectation(name, condition, action) for name, condition in expectations.items()]
        setattr(function, _EXPECTATIONS, [*expectations_of(function), *added])
        return function

    return expect


def expectations_of(function: Callable[..., Any]) -> list[Expectation]:
    """Returns the expectations on the result of a query function."""
    return list(getattr(function, _EXPECTATIONS, []))


def apply(frame: "DataFrame", dataset: str, expectations: Sequence[Expectation]) -> "DataFrame":
    """Returns the data frame without dropped rows; evaluating it fails on a row that fails the update."""
    from pyspark.sql import functions

    for each in expectations:
        condition = functions.expr(each.condition)
        if each.action == "drop":
            frame = frame.where(condition)
        elif each.action == "fail":
            text = f"expectation {each.name} of {dataset} failed: {each.condition}"
            failure = functions.raise_error(functions.lit(text)).cast("boolean")
            frame = frame.where(functions.when(condition, functions.lit(True)).otherwise(failure))
    return frame


def observe(frame: "DataFrame", dataset: str, expectations: Sequence[Expectation]) -> "DataFrame":
    """Returns a stream whose batches report the number of rows, and of rows that violate each expectation."""
    from pyspark.sql import functions

    if not expectations:
        return frame
    counts = [
        functions.count_if(~_valid(each)).alias(f"e{number}") for number, each in enumerate(expectations)
    ]
    return frame.observe(_observation(dataset), functions.count(functions.lit(1)).alias("rows"), *counts)


def observed(
    batches: Sequence[Mapping[str, Sequence[Any]]], dataset: str, expectations: Sequence[Expectation]
) -> list[Checked]:
    """Returns what the batches of a stream reported about the rows of a dataset; nothing without a batch."""
    reports = [batch[_observation(dataset)] for batch in batches if _observation(dataset) in batch]
    if not reports or not expectations:
        return []
    rows, *counts = (sum(map(int, column)) for column in zip(*reports, strict=True))
    return [checked(each, dataset, rows, count) for each, count in zip(expectations, counts, strict=True)]


def checked(each: Expectation, dataset: str, rows: int, failed: int) -> Checked:
    """Returns the result of an expectation, from the number of all rows and of those that violate it."""
    return Checked(each.name, dataset, each.action, rows - failed, failed)


def count_all(frame: "DataFrame", dataset: str, expectations: Sequence[Expectation]) -> list[Checked]:
    """Counts the rows of a data frame that satisfy and that violate each expectation."""
    from pyspark.sql import functions

    if not expectations:
        return []
    counts = [functions.count_if(~_valid(each)) for each in expectations]
    rows, *failed = frame.agg(functions.count(functions.lit(1)), *counts).collect()[0]
    return [checked(each, dataset, rows, count) for each, count in zip(expectations, failed, strict=True)]


def _valid(each: Expectation) -> "Column":
    from pyspark.sql import functions

    return functions.coalesce(functions.expr(each.condition), functions.lit(False))


def _observation(dataset: str) -> str:
    return f"expectations of {dataset}"
