"""Comparison of the state with the workspace."""

from typing import Any

import pytest

from local.provider.equality import applied_state, equal_values, refreshed_state
from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.values import UNKNOWN

TEXT = Attribute("string", optional=True)
COMPUTED = Attribute("string", optional=True, computed=True)


def block(**nested: NestedBlock) -> Block:
    """Return a block with an optional text, a computed text, a list and a set."""
    attributes = {
        "task_key": TEXT,
        "text": TEXT,
        "computed": COMPUTED,
        "list": Attribute(["list", "string"], optional=True),
        "set": Attribute(["set", "string"], optional=True),
    }
    return Block(attributes, nested)


def nested_block(nesting: Any = "list", max_items: int = 0) -> NestedBlock:
    """Return a nested block of this kind."""
    return NestedBlock(block(), nesting, 0, max_items)


def value(**attributes: Any) -> dict[str, Any]:
    """Return an object with all attributes."""
    return {"task_key": None, "text": None, "computed": None, "list": None, "set": None, **attributes}


@pytest.mark.parametrize(
    ("left", "right", "kind", "expected"),
    [
        ("a", "a", "string", True),
        ("a", "b", "string", False),
        ('{"a": 1, "b": [2]}', '{"b":[2],"a":1}', "string", True),
        ('{"a": 1}', '{"a": 2}', "string", False),
        ("{not json", "{not  json", "string", False),
        ("1", "1.0", "string", False),
        (["a", "b"], ["b", "a"], ["set", "string"], True),
        (["a", "b"], ["b", "a"], ["list", "string"], False),
        (["a"], ["a", "a"], ["set", "string"], False),
        (1, 1.0, "number", True),
    ],
)
def test_equality_of_values(left: Any, right: Any, kind: Any, expected: bool) -> None:
    """JSON is parsed, and the order of sets is ignored."""
    assert equal_values(left, right, kind) is expected


def test_a_default_of_the_workspace_is_no_change() -> None:
    """An unset attribute stays unset unless it is computed."""
    state = refreshed_state(value(), {"text": "default", "computed": "theirs"}, block())
    assert state == value(computed="theirs")


def test_a_value_that_is_not_returned_is_kept() -> None:
    """A value that is missing in the answer is not removed from the state."""
    assert refreshed_state(value(text="mine"), {}, block()) == value(text="mine")


def test_an_authoritative_answer_removes_and_adds_values() -> None:
    """A missing value was removed, an additional value was added; empty values equal unset ones."""
    shape = block(schedule=nested_block(max_items=1), queue=nested_block(max_items=1))
    state = {**value(text="mine", list=["gone"], set=[]), "schedule": [value(text="a")], "queue": []}
    theirs = {"task_key": "added", "text": "mine", "queue": [{"text": "b"}]}
    assert refreshed_state(state, theirs, shape, authoritative=True) == {
        **value(text="mine", task_key="added", set=[]),
        "schedule": None,
        "queue": [{"text": "b"}],
    }
    nothing = {**value(text=""), "schedule": [value(text="")], "queue": []}
    theirs = {"list": [], "schedule": None, "queue": [{}]}
    assert refreshed_state(nothing, theirs, shape, authoritative=True) == nothing


def test_another_value_is_a_change() -> None:
    """The state takes the value of the workspace."""
    assert refreshed_state(value(text="mine"), {"text": "theirs"}, block()) == value(text="theirs")


def test_tasks_are_matched_by_their_key() -> None:
    """Another order is no change; a removed task is removed, and a task added by hand is added."""
    shape = block(task=nested_block())
    state = {**value(), "task": [value(task_key="b", text="1"), value(task_key="a", text="2")]}
    theirs = {"task": [value(task_key="a", text="2"), value(task_key="b", text="1")]}
    assert refreshed_state(state, theirs, shape) == state
    theirs = {"task": [value(task_key="a", text="3"), value(task_key="c")]}
    assert refreshed_state(state, theirs, shape)["task"] == [
        value(task_key="a", text="3"),
        value(task_key="c"),
    ]


def test_a_set_without_a_key_has_no_order() -> None:
    """Elements match if all values that are set in the state are equal."""
    shape = block(library=nested_block("set"))
    state = {**value(), "library": [value(text="a"), value(computed="b")]}
    theirs = {"library": [value(computed="b"), value(text="a")]}
    assert refreshed_state(state, theirs, shape) == state
    theirs = {"library": [value(computed="c"), value(text="a")]}
    assert refreshed_state(state, theirs, shape)["library"] == [value(text="a"), value(computed="c")]


def test_elements_of_a_set_with_different_attributes_do_not_match() -> None:
    """A jar and a PyPI library are different, although no value contradicts another."""
    library = NestedBlock(
        Block({"jar": TEXT}, {"pypi": NestedBlock(Block({"package": TEXT}, {}), "list", 0, 1)}), "set"
    )
    shape = Block({}, {"library": library})
    jar, pypi = {"jar": "j", "pypi": []}, {"jar": None, "pypi": [{"package": "p"}]}
    assert refreshed_state({"library": [pypi, jar]}, {"library": [jar, pypi]}, shape) == {
        "library": [pypi, jar]
    }
    assert refreshed_state({"library": [pypi]}, {"library": [jar]}, shape) == {"library": [jar]}
    other = {"jar": None, "pypi": [{"package": "q"}]}
    assert refreshed_state({"library": [pypi]}, {"library": [other]}, shape) == {"library": [other]}


def test_an_unset_block_is_no_change() -> None:
    """An empty list of blocks stays empty if the workspace returns defaults for it."""
    shape = block(task=nested_block())
    state = {**value(), "task": []}
    assert refreshed_state(state, {"task": [value(text="default")]}, shape) == state


def test_planned_values_are_kept_after_an_apply() -> None:
    """Unknown values come from the workspace; values that it does not return are null."""
    shape = block(task=nested_block())
    planned = {
        **value(text="planned", computed=UNKNOWN, list=["a", UNKNOWN]),
        "task": [value(task_key="a", computed=UNKNOWN), value(task_key="b", computed=UNKNOWN)],
    }
    remote = {"text": "echo", "computed": "made", "task": [value(task_key="b", computed="theirs")]}
    assert applied_state(planned, remote, shape) == {
        **value(text="planned", computed="made", list=["a", None]),
        "task": [value(task_key="a"), value(task_key="b", computed="theirs")],
    }
