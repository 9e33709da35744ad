"""Expectations: what must hold of a dataset's rows, and what happens to those of which it does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Action = Literal["allow", "drop", "fail"]
Function = TypeVar("Function", bound=Callable[..., Any])

_EXPECTED = "__expectations__"


@dataclass(frozen=True)
class Expectation:
    """One expectation.

    Args:
        name: what it is called.
        condition: SQL that is true of a good row.
        action: whether a bad row stays (`allow`), is left out (`drop`), or ends the update (`fail`).
    """

    name: str
    condition: str
    action: Action


def decorator(expectations: Mapping[str, str], action: Action) -> Callable[[Function], Function]:
    """Return a decorator that expects something of what a function returns: conditions by name."""

    def expect(function: Function) -> Function:
        known = expected_of(function)
        setattr(function, _EXPECTED, [*known, *(Expectation(*one, action) for one in expectations.items())])
        return function

    return expect


def expected_of(function: Callable[..., Any]) -> list[Expectation]:
    """Return what is expected of what a function returns."""
    return list(getattr(function, _EXPECTED, []))


def applied(frame: "DataFrame", dataset: str, expectations: Sequence[Expectation]) -> "DataFrame":
    """Return a data frame without the rows to drop, which fails where a row is to end the update."""
    from pyspark.sql import functions

    for each in expectations:
        condition = functions.expr(each.condition)
        if each.action == "drop":
            frame = frame.where(condition)
        elif each.action == "fail":
            text = f"expectation {each.name} of {dataset} failed: {each.condition}"
            failed = functions.raise_error(functions.lit(text)).cast("boolean")
            frame = frame.where(functions.when(condition, functions.lit(True)).otherwise(failed))
    return frame


def failures(frame: "DataFrame", expectations: Sequence[Expectation]) -> dict[str, int]:
    """Count the rows that are not as expected: expectation → number of rows."""
    from pyspark.sql import functions

    if not expectations:
        return {}
    good = [functions.coalesce(functions.expr(each.condition), functions.lit(False)) for each in expectations]
    counts = frame.agg(*(functions.count_if(~one) for one in good)).collect()[0]
    return {each.name: int(count) for each, count in zip(expectations, counts, strict=True)}
