"""Condition tasks: compare two values."""

from collections.abc import Callable, Mapping

from local.workspace.store import Json

# The operators of the Jobs API's ConditionTask: the first two compare text, the others compare numbers.
_TEXT_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "EQUAL_TO": lambda left, right: left == right,
    "NOT_EQUAL": lambda left, right: left != right,
}
_NUMBER_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "GREATER_THAN": lambda left, right: left > right,
    "GREATER_THAN_OR_EQUAL": lambda left, right: left >= right,
    "LESS_THAN": lambda left, right: left < right,
    "LESS_THAN_OR_EQUAL": lambda left, right: left <= right,
}


class InvalidConditionError(Exception):
    """A condition cannot be evaluated; the message says why."""


def evaluate(condition: Json) -> str:
    """Return `true` or `false`.

    Args:
        condition: `op`, `left` and `right` of a `condition_task`, with resolved references.

    Raises:
        InvalidConditionError: the operator is unknown, or compares numbers although a value is not a number.
    """
    op = str(condition.get("op"))
    left, right = str(condition.get("left", "")), str(condition.get("right", ""))
    if op in _TEXT_OPERATORS:
        holds = _TEXT_OPERATORS[op](left, right)
    elif op in _NUMBER_OPERATORS:
        holds = _NUMBER_OPERATORS[op](_number(op, left), _number(op, right))
    else:
        raise InvalidConditionError(
            f"op '{op}' is not one of {', '.join([*_TEXT_OPERATORS, *_NUMBER_OPERATORS])}"
        )
    return str(holds).lower()


def _number(op: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidConditionError(f"{op} compares numbers, but '{text}' is not a number") from None
