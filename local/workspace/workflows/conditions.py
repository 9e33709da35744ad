"""Condition tasks: two values and what must hold of them."""

from collections.abc import Callable, Mapping

from local.workspace.store import Json

# The operators of the Jobs API's ConditionTask: the first two compare text, the rest numbers.
_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "EQUAL_TO": lambda left, right: left == right,
    "NOT_EQUAL": lambda left, right: left != right,
}
_NUMBERS: Mapping[str, Callable[[float, float], bool]] = {
    "GREATER_THAN": lambda left, right: left > right,
    "GREATER_THAN_OR_EQUAL": lambda left, right: left >= right,
    "LESS_THAN": lambda left, right: left < right,
    "LESS_THAN_OR_EQUAL": lambda left, right: left <= right,
}


class WrongConditionError(Exception):
    """A condition that cannot be judged, and why."""


def outcome(condition: Json) -> str:
    """Return `true` or `false`.

    Args:
        condition: `op`, `left` and `right` of a `condition_task`, references in them resolved.

    Raises:
        WrongConditionError: the operator is unknown, or compares numbers and there is none.
    """
    op = str(condition.get("op"))
    left, right = str(condition.get("left", "")), str(condition.get("right", ""))
    if op in _TEXT:
        holds = _TEXT[op](left, right)
    elif op in _NUMBERS:
        holds = _NUMBERS[op](_number(op, left), _number(op, right))
    else:
        raise WrongConditionError(f"op '{op}' is not one of {', '.join([*_TEXT, *_NUMBERS])}")
    return str(holds).lower()


def _number(op: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise WrongConditionError(f"{op} compares numbers, and '{text}' is none") from None
