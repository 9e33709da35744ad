"""Expectations: conditions on the rows of a dataset, and what happens to rows that violate them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

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


def count_violations(frame: "DataFrame", expectations: Sequence[Expectation]) -> dict[str, int]:
    """Counts the rows that violate each expectation: name → number of rows."""
    from pyspark.sql import functions

    if not expectations:
        return {}
    valid = [
        functions.coalesce(functions.expr(each.condition), functions.lit(False)) for each in expectations
    ]
    counts = frame.agg(*(functions.count_if(~condition) for condition in valid)).collect()[0]
    return {each.name: int(count) for each, count in zip(expectations, counts, strict=True)}
