"""Differences between the configuration and the state."""

from typing import Any

from local.provider.behaviour import Behaviour
from local.provider.comparison import Comparison
from local.provider.difference import COUNT
from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.suppression import ignore_case
from local.provider.values import UNKNOWN

TEXT = Attribute("string", optional=True)
TASK = Block({"key": TEXT, "size": Attribute("number", optional=True)}, {})
BLOCK = Block(
    {
        "name": TEXT,
        "size": Attribute("number", optional=True),
        "made": Attribute("string", optional=True, computed=True),
        "emails": Attribute(["list", "string"], optional=True),
        "privileges": Attribute(["set", "string"], optional=True),
        "tags": Attribute(["map", "string"], optional=True),
    },
    {"task": NestedBlock(TASK, "list"), "owner": NestedBlock(TASK, "list", 0, 1)},
)


NOTHING_SPECIAL = Behaviour()


def differences(
    old: dict[str, Any],
    new: dict[str, Any],
    behaviour: Behaviour = NOTHING_SPECIAL,
    *,
    creation: bool = False,
) -> dict[Any, Any]:
    """Return the old and the new value of each difference, by path."""
    comparison = Comparison(behaviour, creation, new)
    comparison.block((), old, new, BLOCK)
    return {path: (each.old, each.new) for path, each in comparison.differences.items()}


def test_null_and_zero_are_the_same_once_the_state_has_a_zero() -> None:
    assert differences({"size": 0, "name": ""}, {"size": None, "name": None}) == {}


def test_a_zero_is_new_where_the_state_has_nothing() -> None:
    assert differences({"size": None}, {"size": 0}) == {("size",): (None, 0)}


def test_a_computed_attribute_stays_when_it_is_not_configured() -> None:
    assert differences({"made": "x"}, {"made": None}) == {}
    assert differences({}, {}, creation=True) == {("made",): (None, UNKNOWN)}


def test_a_default_counts_as_configured() -> None:
    behaviour = Behaviour(defaults={"name": "Untitled", "task.size": 3})
    new = {"name": None, "task": [{"key": "a", "size": None}]}
    assert differences({"name": "Untitled", "task": [{"key": "a", "size": 3}]}, new, behaviour) == {}


def test_elements_of_a_list_are_compared_by_position() -> None:
    old = {"task": [{"key": "a", "size": 1}, {"key": "b", "size": 0}]}
    new = {"task": [{"key": "b", "size": None}, {"key": "a", "size": 1}]}
    assert differences(old, new) == {
        ("task", 0, "key"): ("a", "b"),
        ("task", 0, "size"): (1, 0),
        ("task", 1, "key"): ("b", "a"),
        ("task", 1, "size"): (0, 1),
    }


def test_the_length_of_a_list_is_a_separate_difference() -> None:
    assert differences({"emails": ["a", "b"]}, {"emails": ["a"]}) == {
        ("emails", COUNT): (2, 1),
        ("emails", 1): ("b", ""),
    }


def test_a_set_has_no_order_and_may_have_its_own_equality() -> None:
    behaviour = Behaviour(set_keys={"privileges": str.upper})
    assert differences({"privileges": ["A", "B"]}, {"privileges": ["b", "a"]}, behaviour) == {}


def test_a_block_that_is_computed_stays_when_it_is_not_configured() -> None:
    behaviour = Behaviour(computed_blocks=frozenset({"owner"}))
    assert differences({"owner": [{"key": "a"}]}, {"owner": []}, behaviour) == {}
    assert differences({"owner": [{"key": "a"}]}, {"owner": []})[("owner", COUNT)] == (1, 0)


def test_entries_of_a_map_are_compared_by_key() -> None:
    assert differences({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "b": "3"}}) == {
        ("tags", "b"): ("2", "3")
    }


def test_a_suppressed_difference_is_not_a_difference() -> None:
    behaviour = Behaviour(suppressed={"name": ignore_case})
    assert differences({"name": "Rec"}, {"name": "rec"}, behaviour) == {}
