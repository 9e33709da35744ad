"""Encoding of Terraform's values, and objects that conform to a schema."""

from typing import Any

import msgpack
import pytest

from local.provider.schema import Attribute, Block, NestedBlock
from local.provider.values import UNKNOWN, conform_to_schema, decode, encode, has_unknown

INNER = Block({"key": Attribute("string")}, {})
BLOCK = Block(
    {"name": Attribute("string"), "size": Attribute("number")},
    {"task": NestedBlock(INNER, "list"), "timeouts": NestedBlock(INNER, "single")},
)


def test_a_value_survives_encoding_and_decoding() -> None:
    value = {"name": "blå", "size": 1.5, "tasks": [{"key": None}, UNKNOWN], "on": True}
    assert decode(encode(value)) == value
    assert decode(b"") is None


@pytest.mark.parametrize("code", [0, 12])
def test_both_encodings_of_unknown_are_read(code: int) -> None:
    assert decode(msgpack.packb(msgpack.ExtType(code, b"\0"))) is UNKNOWN


def test_unknown_is_written_as_terraform_requires() -> None:
    assert encode(UNKNOWN) == b"\xd4\x00\x00"


def test_a_value_without_a_terraform_type_is_refused() -> None:
    with pytest.raises(TypeError, match="Terraform has no type for set"):
        encode({"names": {"a"}})


def test_missing_attributes_become_null_and_missing_blocks_empty() -> None:
    assert conform_to_schema({}, BLOCK) == {"name": None, "size": None, "task": [], "timeouts": None}


def test_names_outside_the_schema_are_dropped_at_every_level() -> None:
    value = {"name": "n", "other": 1, "task": [{"key": "k", "other": 2}], "timeouts": {"other": 3}}
    assert conform_to_schema(value, BLOCK) == {
        "name": "n",
        "size": None,
        "task": [{"key": "k"}],
        "timeouts": {"key": None},
    }


def test_an_unknown_list_of_blocks_stays_unknown() -> None:
    assert conform_to_schema({"task": UNKNOWN}, BLOCK)["task"] is UNKNOWN


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, True), ({"a": [{"b": UNKNOWN}]}, True), ({"a": [None, "x"]}, False), (None, False)],
)
def test_unknown_values_are_found_at_every_level(value: Any, expected: bool) -> None:
    assert has_unknown(value) is expected
