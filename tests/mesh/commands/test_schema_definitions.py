"""What a JSON Schema says several times is said once."""

from __future__ import annotations

from typing import Any

from mesh.commands.schema import defined_once


def described(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False}


LONG = described(**{name: {"type": "string", "description": "What it is."} for name in "abcde"})
TEXT = {"type": "string"}


def test_an_object_that_is_described_twice_gets_the_name_of_its_field() -> None:
    schema = described(one={"description": "First.", **LONG}, many={"type": "array", "items": LONG})

    assert defined_once(schema) == {
        "type": "object",
        "properties": {
            "one": {"description": "First.", "$ref": "#/$defs/one"},
            "many": {"type": "array", "items": {"$ref": "#/$defs/one"}},
        },
        "additionalProperties": False,
        "$defs": {"one": LONG},
    }


def test_what_is_short_or_there_once_stays_where_it_is() -> None:
    schema = described(a=described(x=TEXT), b=described(x=TEXT), c=LONG)

    assert defined_once(schema) == schema


def test_inside_what_is_moved_as_a_whole_nothing_moves_unless_it_is_elsewhere_too() -> None:
    outer = described(inner=LONG, x=TEXT)

    assert defined_once(described(a=outer, b=outer))["$defs"] == {"a": outer}
    assert defined_once(described(a=outer, b=outer, c=LONG))["$defs"] == {
        "a": described(inner={"$ref": "#/$defs/c"}, x=TEXT),
        "c": LONG,
    }


def test_two_objects_of_one_name_keep_apart() -> None:
    other = described(**LONG["properties"], f=TEXT)
    places = (described(x=LONG), described(x=LONG, y=TEXT), described(x=other), described(x=other, y=TEXT))

    made = defined_once({"type": "object", "anyOf": [*places]})

    assert made["$defs"] == {"x": LONG, "x_2": other}


def test_definitions_that_there_are_serve_others_and_their_doubles_refer_to_them() -> None:
    schema = described(a=LONG, b={"$ref": "#/$defs/Second"}) | {"$defs": {"First": LONG, "Second": LONG}}

    made = defined_once(schema)

    assert made["properties"] == {"a": {"$ref": "#/$defs/First"}, "b": {"$ref": "#/$defs/Second"}}
    assert made["$defs"] == {"First": LONG, "Second": {"$ref": "#/$defs/First"}}
