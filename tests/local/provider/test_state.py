"""The state after an apply and after a refresh."""

from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.state import applied_state, known, refreshed_state
from local.provider.values import UNKNOWN

TEXT = Attribute("string", optional=True)
INNER = Block({"key": TEXT, "text": TEXT, "map": Attribute(["map", "string"], optional=True)}, {})
BLOCK = Block(
    {"text": TEXT, "made": Attribute("string", computed=True), "count": Attribute("number", optional=True)},
    {"task": NestedBlock(INNER, "list")},
)
PLANNED = {"text": "a", "made": UNKNOWN, "count": None, "task": [{"key": "k", "text": None, "map": None}]}


def test_the_read_fills_what_was_unknown() -> None:
    state = applied_state(None, PLANNED, {"made": "x"}, BLOCK)
    assert state == {**PLANNED, "made": "x", "task": [{"key": "k", "text": "", "map": None}]}


def test_what_the_read_does_not_set_is_null_or_as_planned() -> None:
    state = applied_state(None, PLANNED, {}, BLOCK)
    assert (state["made"], state["text"], state["count"]) == (None, "a", None)


def test_the_read_may_contradict_the_plan() -> None:
    task = {"key": "other", "text": "t", "map": {}}
    state = applied_state(None, PLANNED, {"count": 0, "task": [task]}, BLOCK)
    assert (state["count"], state["task"]) == (0, [{**task, "map": None}])


def test_an_attribute_that_is_removed_becomes_zero() -> None:
    prior = {**PLANNED, "made": "x", "text": "a", "count": 3}
    state = applied_state(prior, {**prior, "text": None, "count": None}, {}, BLOCK)
    assert (state["text"], state["count"]) == ("", 0)


def test_a_refresh_keeps_what_the_read_does_not_set() -> None:
    prior = {"text": "a", "made": "x", "count": None, "task": []}
    assert refreshed_state(prior, {"made": "y"}, BLOCK) == {**prior, "made": "y"}


def test_after_a_refresh_nested_blocks_are_whole() -> None:
    prior = {"text": None, "made": "x", "count": None, "task": [{"key": "k", "text": "", "map": None}]}
    assert refreshed_state(prior, {}, BLOCK)["task"] == [{"key": "k", "text": "", "map": {}}]


def test_unknown_values_are_null_once_they_have_to_be_known() -> None:
    assert known({"a": [UNKNOWN, {"b": UNKNOWN}], "c": 1}) == {"a": [None, {"b": None}], "c": 1}
