"""Null, zero and empty values."""

from typing import Any

import pytest

from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.values import UNKNOWN
from local.provider.zero_values import equivalent, is_zero, keep_nulls, zero_filled, zero_of, zero_of_type

TEXT = Attribute("string", optional=True)
INNER = Block(
    {
        "text": TEXT,
        "number": Attribute("number"),
        "flag": Attribute("bool"),
        "map": Attribute(["map", "string"]),
    },
    {},
)
BLOCK = Block(
    {"text": TEXT, "list": Attribute(["list", "string"]), "set": Attribute(["set", "string"])},
    {"part": NestedBlock(INNER, "list"), "grant": NestedBlock(Block({"text": TEXT}, {}), "set")},
)


@pytest.mark.parametrize("value", [None, "", 0, False, [], {}])
def test_zero_values(value: Any) -> None:
    assert is_zero(value)


@pytest.mark.parametrize("value", ["0", 1, True, [None], {"a": None}, UNKNOWN])
def test_values_that_are_not_zero(value: Any) -> None:
    assert not is_zero(value)


def test_the_zero_value_of_a_type() -> None:
    assert [
        zero_of_type(kind) for kind in ("string", "number", "bool", ["map", "string"], ["set", "string"])
    ] == [
        "",
        0,
        False,
        {},
        [],
    ]
    assert (zero_of("x"), zero_of(3), zero_of(True)) == ("", 0, False)


def test_a_nested_block_is_filled_with_zero_values() -> None:
    filled = zero_filled({"text": "a", "part": [{"number": 1}]}, BLOCK)
    part = {"text": "", "number": 1, "flag": False, "map": {}}
    assert filled == {"text": "a", "list": [], "set": [], "part": [part], "grant": []}


def test_null_zero_and_empty_values_are_equivalent() -> None:
    assert equivalent({"a": None, "b": [{"c": ""}]}, {"b": [{"c": None, "d": 0}]})
    assert not equivalent({"b": [{}]}, {"b": []})
    assert not equivalent({"a": UNKNOWN}, {"a": None})


def test_an_entry_of_a_map_with_an_empty_text_is_not_the_same_as_no_entry() -> None:
    assert not equivalent({"properties": None}, {"properties": {"a": ""}})
    assert not equivalent({"properties": {"a": ""}}, {"properties": {"b": ""}})
    assert equivalent({"properties": None}, {"properties": {}})


def test_a_collection_that_the_plan_leaves_out_stays_null_after_an_apply() -> None:
    state = {"text": "", "list": [], "set": [], "part": [], "grant": []}
    planned = {"text": None, "list": None, "set": None, "part": [], "grant": []}
    assert keep_nulls(state, BLOCK, planned, applied=True) == {**planned, "text": ""}


def test_an_empty_text_of_the_configuration_is_not_lost() -> None:
    assert keep_nulls({"text": None}, BLOCK, {"text": ""}, applied=False)["text"] == ""


def test_a_set_is_as_it_was_planned_after_an_apply() -> None:
    planned = {"grant": [{"text": "select"}], "set": ["use schema"]}
    state = {"grant": [{"text": "SELECT"}], "set": ["USE_SCHEMA"]}
    kept = keep_nulls(state, BLOCK, planned, applied=True)
    assert (kept["grant"], kept["set"]) == (planned["grant"], planned["set"])
    assert keep_nulls(state, BLOCK, planned, applied=False)["set"] == ["USE_SCHEMA"]


def test_an_unknown_value_of_the_configuration_stays_unknown_in_the_plan() -> None:
    assert keep_nulls({"text": None}, BLOCK, {"text": UNKNOWN}, applied=False)["text"] is UNKNOWN
