"""Whether a cluster policy allows more than before."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.review.compute import loosened

FIXED = {"type": "fixed", "value": 4}
RANGE = {"type": "range", "minValue": 1, "maxValue": 8}
ALLOWED = {"type": "allowlist", "values": ["a", "b"]}
BLOCKED = {"type": "blocklist", "values": ["a", "b"]}
REGEX = {"type": "regex", "pattern": "(a+)+$"}
FORBIDDEN = {"type": "forbidden"}
UNLIMITED = {"type": "unlimited"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FIXED, None),
        (FIXED, UNLIMITED),
        (FIXED, {"type": "fixed", "value": 5}),
        (FIXED, FIXED | {"isOptional": True}),
        (FIXED, RANGE),
        (RANGE, None),
        (RANGE, {"type": "range", "minValue": 1, "maxValue": 9}),
        (RANGE, {"type": "range", "minValue": 0, "maxValue": 8}),
        (RANGE, {"type": "range", "minValue": 1}),
        (RANGE, {"type": "range", "maxValue": 8}),
        (RANGE, {"type": "fixed", "value": 9}),
        (RANGE, {"type": "allowlist", "values": [1, 9]}),
        (ALLOWED, {"type": "allowlist", "values": ["a", "b", "c"]}),
        (ALLOWED, BLOCKED),
        (BLOCKED, {"type": "blocklist", "values": ["a"]}),
        (BLOCKED, {"type": "fixed", "value": "a"}),
        (FORBIDDEN, FIXED),
        (REGEX, {"type": "regex", "pattern": ".*"}),
        (REGEX, {"type": "fixed", "value": "a" * 40 + "!"}),
    ],
)
def test_more_is_allowed_or_nobody_can_tell(before: dict[str, Any], after: dict[str, Any] | None) -> None:
    later = {} if after is None else {"num_workers": after}

    (found,) = loosened({"num_workers": before}, later)

    assert found.attribute == "num_workers"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FIXED, FIXED | {"hidden": True}),
        (FIXED, FORBIDDEN),
        (RANGE, FIXED),
        (RANGE, RANGE | {"defaultValue": 2}),
        (RANGE, {"type": "range", "minValue": 2, "maxValue": 7}),
        (RANGE, {"type": "allowlist", "values": [1, 8]}),
        (ALLOWED, {"type": "fixed", "value": "b"}),
        (BLOCKED, {"type": "blocklist", "values": ["a", "b", "c"]}),
        (BLOCKED, {"type": "fixed", "value": "c"}),
        (REGEX, REGEX),
        (UNLIMITED, None),
        (UNLIMITED, RANGE),
    ],
)
def test_no_more_is_allowed(before: dict[str, Any], after: dict[str, Any] | None) -> None:
    later = {} if after is None else {"num_workers": after}

    assert list(loosened({"num_workers": before}, later)) == []


def test_an_attribute_that_had_no_rule_cannot_be_loosened() -> None:
    assert list(loosened({}, {"num_workers": UNLIMITED})) == []
