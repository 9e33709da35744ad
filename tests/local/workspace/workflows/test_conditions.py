"""Condition tasks."""

import pytest

from local.workspace.workflows.conditions import InvalidConditionError, evaluate


@pytest.mark.parametrize(
    ("op", "left", "right", "expected"),
    [
        ("EQUAL_TO", "12.0", "12", "false"),
        ("NOT_EQUAL", "a", "b", "true"),
        ("GREATER_THAN", "10", "9", "true"),
        ("GREATER_THAN_OR_EQUAL", "12.0", "12", "true"),
        ("LESS_THAN", "12", "12", "false"),
        ("LESS_THAN_OR_EQUAL", "-1", "0", "true"),
    ],
)
def test_equality_compares_text_and_order_compares_numbers(op, left, right, expected):
    assert evaluate({"op": op, "left": left, "right": right}) == expected


@pytest.mark.parametrize(
    ("op", "message"),
    [("GREATER_THAN", "compares numbers, but 'x' is not a number"), ("LIKE", "'LIKE' is not one")],
)
def test_an_invalid_condition_is_an_error(op, message):
    with pytest.raises(InvalidConditionError, match=message):
        evaluate({"op": op, "left": "x", "right": "1"})
