"""What counts as a change, and what does not."""

from typing import Any

import pytest

from local.provider.equality import refreshed, same, settled
from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.values import UNKNOWN

TEXT = Attribute("string", optional=True)
COMPUTED = Attribute("string", optional=True, computed=True)


def block(**nested: NestedBlock) -> Block:
    """A block with a text that is set, one that the workspace may set, a list and a set."""
    attributes = {
        "task_key": TEXT,
        "text": TEXT,
        "computed": COMPUTED,
        "list": Attribute(["list", "string"], optional=True),
        "set": Attribute(["set", "string"], optional=True),
    }
    return Block(attributes, nested)


def listed(nesting: Any = "list", max_items: int = 0) -> NestedBlock:
    """Such a block inside another."""
    return NestedBlock(block(), nesting, 0, max_items)


def value(**given: Any) -> dict[str, Any]:
    """A whole object."""
    return {"task_key": None, "text": None, "computed": None, "list": None, "set": None, **given}


@pytest.mark.parametrize(
    ("mine", "theirs", "kind", "expected"),
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
def test_same_means_the_same_to_the_workspace(mine: Any, theirs: Any, kind: Any, expected: bool) -> None:
    """JSON is compared parsed and sets in any order; all else as it is."""
    assert same(mine, theirs, kind) is expected


def test_what_is_not_set_is_not_a_change() -> None:
    """A default of the workspace's is no drift, unless Terraform leaves the value to the workspace."""
    state = refreshed(value(), {"text": "default", "computed": "theirs"}, block())
    assert state == value(computed="theirs")


def test_what_is_not_echoed_is_kept() -> None:
    """A workspace that does not say a value is not taken to have lost it."""
    assert refreshed(value(text="mine"), {}, block()) == value(text="mine")


def test_a_workspace_that_says_all_that_was_set_is_believed() -> None:
    """What it does not say was taken away, what it says besides was added; no and nothing are the same."""
    shape = block(schedule=listed(max_items=1), queue=listed(max_items=1))
    state = {**value(text="mine", list=["gone"], set=[]), "schedule": [value(text="a")], "queue": []}
    theirs = {"task_key": "added", "text": "mine", "queue": [{"text": "b"}]}
    assert refreshed(state, theirs, shape, complete=True) == {
        **value(text="mine", task_key="added", set=[]),
        "schedule": None,
        "queue": [{"text": "b"}],
    }
    nothing = {**value(text=""), "schedule": [value(text="")], "queue": []}
    theirs = {"list": [], "schedule": None, "queue": [{}]}
    assert refreshed(nothing, theirs, shape, complete=True) == nothing


def test_another_value_is_a_change() -> None:
    """What was set and is another now is taken as it is now."""
    assert refreshed(value(text="mine"), {"text": "theirs"}, block()) == value(text="theirs")


def test_tasks_are_matched_by_their_key() -> None:
    """Another order is no change; a lost task is lost, and one added by hand is seen."""
    shape = block(task=listed())
    state = {**value(), "task": [value(task_key="b", text="1"), value(task_key="a", text="2")]}
    theirs = {"task": [value(task_key="a", text="2"), value(task_key="b", text="1")]}
    assert refreshed(state, theirs, shape) == state
    theirs = {"task": [value(task_key="a", text="3"), value(task_key="c")]}
    assert refreshed(state, theirs, shape)["task"] == [value(task_key="a", text="3"), value(task_key="c")]


def test_a_set_without_a_key_has_no_order() -> None:
    """Elements of a set are the same when all that is set in them is."""
    shape = block(library=listed("set"))
    state = {**value(), "library": [value(text="a"), value(computed="b")]}
    theirs = {"library": [value(computed="b"), value(text="a")]}
    assert refreshed(state, theirs, shape) == state
    theirs = {"library": [value(computed="c"), value(text="a")]}
    assert refreshed(state, theirs, shape)["library"] == [value(text="a"), value(computed="c")]


def test_elements_of_a_set_that_set_different_things_are_different() -> None:
    """A library from one place is not one from another, although neither contradicts the other."""
    library = NestedBlock(
        Block({"jar": TEXT}, {"pypi": NestedBlock(Block({"package": TEXT}, {}), "list", 0, 1)}), "set"
    )
    shape = Block({}, {"library": library})
    jar, pypi = {"jar": "j", "pypi": []}, {"jar": None, "pypi": [{"package": "p"}]}
    assert refreshed({"library": [pypi, jar]}, {"library": [jar, pypi]}, shape) == {"library": [pypi, jar]}
    assert refreshed({"library": [pypi]}, {"library": [jar]}, shape) == {"library": [jar]}
    other = {"jar": None, "pypi": [{"package": "q"}]}
    assert refreshed({"library": [pypi]}, {"library": [other]}, shape) == {"library": [other]}


def test_a_block_that_nobody_set_is_not_a_change() -> None:
    """An empty list of blocks stays empty, whatever the workspace fills in."""
    shape = block(task=listed())
    state = {**value(), "task": []}
    assert refreshed(state, {"task": [value(text="default")]}, shape) == state


def test_after_an_apply_what_was_planned_stays_as_planned() -> None:
    """Only what was not known is filled in; what the workspace does not know either is null."""
    shape = block(task=listed())
    planned = {
        **value(text="planned", computed=UNKNOWN, list=["a", UNKNOWN]),
        "task": [value(task_key="a", computed=UNKNOWN), value(task_key="b", computed=UNKNOWN)],
    }
    found = {"text": "echo", "computed": "made", "task": [value(task_key="b", computed="theirs")]}
    assert settled(planned, found, shape) == {
        **value(text="planned", computed="made", list=["a", None]),
        "task": [value(task_key="a"), value(task_key="b", computed="theirs")],
    }
