"""Rules of several fields, and ranges of numbers and lists."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.documents.document import Document
from mesh.documents.field_rules import (
    AtMostOne,
    BlockRules,
    ExactlyOne,
    Excludes,
    Https,
    Needs,
    NotAbove,
    Rule,
    check_rules,
    out_of_range,
)
from mesh.documents.passthrough import shape_schema
from mesh.documents.provider_fields import Field, Shape, check


def messages(rule: Rule, **fields: Any) -> list[str]:
    document = Document("deployment.yml", {"block": fields})
    return [f"{one.code}: {one.message}" for one in check_rules((rule,), document, ("block",))]


@pytest.mark.parametrize(
    ("rule", "fields", "expected"),
    [
        (AtMostOne("a", "b"), {"a": 1, "b": None}, []),
        (AtMostOne("a", "b"), {"a": 1, "b": False}, ["conflicting-fields: `block` has a and b (keep one)"]),
        (ExactlyOne("a", "b"), {"b": {}}, []),
        (ExactlyOne("a", "b"), {"c": 1}, ["missing-field: `block` has none of a, b (add one)"]),
        (ExactlyOne("a", "b"), {"a": 1, "b": 1}, ["conflicting-fields: `block` has a and b (keep one)"]),
        (Excludes(("a", "b"), ("c", "d")), {"a": 1, "b": 1}, []),
        (
            Excludes(("a", "b"), ("c", "d")),
            {"b": 1, "d": 1},
            ["conflicting-fields: `block` has b and d (keep one)"],
        ),
        (Needs(("a",), ("b", "c")), {"a": True, "c": {}}, []),
        (Needs(("a",), ("b", "c")), {"a": False}, []),
        (Needs(("a",), ("b", "c")), {"a": 1}, ["missing-field: `a` needs b or c (add it, or remove `a`)"]),
        (NotAbove("low", "high"), {"low": 2, "high": 2}, []),
        (NotAbove("low", "high"), {"low": 3}, []),
        (
            NotAbove("low", "high"),
            {"low": 3, "high": 2},
            ["out-of-range: `low` is 3, above `high`, which is 2 (correct one)"],
        ),
        (Https("url"), {"url": "https://github.com/acme/mesh"}, []),
        (
            Https("url"),
            {"url": "git@github.com:acme/mesh"},
            ["wrong-value: `url` is `git@github.com:acme/mesh`: should be a URL that begins with https://"],
        ),
        (
            Https("url"),
            {"url": "https://["},
            ["wrong-value: `url` is `https://[`: should be a URL that begins with https://"],
        ),
    ],
)
def test_a_rule_reports_the_fields_that_break_it(
    rule: Rule, fields: dict[str, Any], expected: list[str]
) -> None:
    assert messages(rule, **fields) == expected


@pytest.mark.parametrize(
    ("size", "least", "most", "what", "expected"),
    [
        (0, 0, None, "", None),
        (-1, 0, None, "", "`x` is -1 (0 at least)"),
        (31, 1, 30, "", "`x` is 31 (1 to 30)"),
        (1001, None, 1000, "items", "`x` has 1,001 items (1000 at most)"),
    ],
)
def test_a_value_outside_its_range_is_reported_with_the_range(
    size: int, least: int | None, most: int | None, what: str, expected: str | None
) -> None:
    assert out_of_range("x", size, least, most, what) == expected


RULED = Shape(
    {
        "size": Field("size", "size", "string", values=("Large", "Small")),
        "parts": Field("parts", "part", Shape({"count": Field("count", "count", "number")}, "parts"), "[]"),
        "inner": Field("inner", "inner", Shape({"name": Field("name", "name", "string")}, "inner")),
    },
    "outer",
).ruled(
    {
        "outer": BlockRules(values={"size": ()}, ranges={"parts": (1, 2)}),
        "parts": BlockRules(ranges={"count": (1, 3)}),
        "inner": BlockRules(required=("name",)),
    }
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"size": "Small", "parts": [{"count": 1}], "inner": {"name": "n"}}, []),
        ({"size": "small"}, ["wrong-value"]),
        ({"parts": []}, ["empty-list"]),
        ({"parts": [{}, {}, {}]}, ["out-of-range"]),
        ({"parts": [{"count": 0}, {"count": 4}]}, ["out-of-range", "out-of-range"]),
        ({"inner": {}}, ["missing-field"]),
    ],
)
def test_rules_apply_to_the_block_of_their_name_at_any_depth(
    value: dict[str, Any], expected: list[str]
) -> None:
    document = Document("deployment.yml", value)
    assert [one.code for one in check(value, RULED, document, ())] == expected


def test_editors_know_the_ranges() -> None:
    fields = shape_schema(RULED)["properties"]
    assert (fields["parts"]["minItems"], fields["parts"]["maxItems"]) == (1, 2)
    count = fields["parts"]["items"]["properties"]["count"]
    assert (count["minimum"], count["maximum"]) == (1, 3)
    assert fields["size"]["enum"] == ["Large", "Small"]
