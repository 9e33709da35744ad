"""Changes of compute: what costs more, and which policies allow more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh.review.compute import ComputeChange, compute_changes, looser_rules
from mesh.review.plan import read_plans
from mesh.review.sentence import plain

FIXED = {"type": "fixed", "value": 4}
RANGE = {"type": "range", "minValue": 1, "maxValue": 8}
ALLOWED = {"type": "allowlist", "values": ["a", "b"]}
BLOCKED = {"type": "blocklist", "values": ["a", "b"]}
REGEX = {"type": "regex", "pattern": "(a+)+$"}
FORBIDDEN = {"type": "forbidden"}
UNLIMITED = {"type": "unlimited"}
NAMES = {
    "databricks_sql_endpoint": "name",
    "databricks_cluster": "cluster_name",
    "databricks_instance_pool": "instance_pool_name",
}


def compute_change(folder: Path, type: str, before: dict[str, Any], after: dict[str, Any]) -> ComputeChange:
    """The change of one resource."""
    name = {NAMES.get(type, "name"): "shared"}
    change = {"actions": ["update"], "before": name | before, "after": name | after}
    file = folder / "stack.json"
    file.write_text(
        json.dumps({"resource_changes": [{"address": f"{type}.x", "type": type, "change": change}]})
    )
    (change_of_compute,) = compute_changes(read_plans([file]))
    return change_of_compute


@pytest.mark.parametrize(
    ("type", "before", "after", "bigger"),
    [
        ("databricks_cluster", {"num_workers": 1}, {"num_workers": 2}, True),
        ("databricks_cluster", {"num_workers": 2}, {"num_workers": 1}, False),
        ("databricks_cluster", {"num_workers": 2}, {"num_workers": 10}, True),
        (
            "databricks_cluster",
            {"autoscale": [{"max_workers": 2}]},
            {"autoscale": [{"max_workers": 9}]},
            True,
        ),
        ("databricks_cluster", {"autotermination_minutes": 20}, {"autotermination_minutes": 30}, True),
        ("databricks_cluster", {"autotermination_minutes": 20}, {"autotermination_minutes": 0}, True),
        ("databricks_cluster", {"autotermination_minutes": 0}, {"autotermination_minutes": 20}, False),
        ("databricks_cluster", {"node_type_id": "a"}, {"node_type_id": "b"}, False),
        ("databricks_sql_endpoint", {"cluster_size": "Small"}, {"cluster_size": "Medium"}, True),
        ("databricks_sql_endpoint", {"cluster_size": "X-Large"}, {"cluster_size": "Large"}, False),
        ("databricks_sql_endpoint", {"auto_stop_mins": 10}, {"auto_stop_mins": 0}, True),
        ("databricks_instance_pool", {"max_capacity": 4}, {"max_capacity": 8}, True),
    ],
)
def test_a_value_that_costs_more_enlarges_compute(
    tmp_path: Path, type: str, before: dict[str, Any], after: dict[str, Any], bigger: bool
) -> None:
    change = compute_change(tmp_path, type, before, after)

    assert bool(change.bigger) == bigger
    assert plain(change.sentence).endswith("will be enlarged" if bigger else "will be changed")


def test_a_policy_without_a_limit_of_clusters_per_user_allows_more(tmp_path: Path) -> None:
    change = compute_change(tmp_path, "databricks_cluster_policy", {"max_clusters_per_user": 2}, {})

    assert [one.attribute for one in change.loosened] == ["max_clusters_per_user"]


def test_overrides_of_a_policy_family_are_compared(tmp_path: Path) -> None:
    rules = [
        {"policy_family_definition_overrides": json.dumps({"a": {"type": "fixed", "value": v}})} for v in "xy"
    ]

    change = compute_change(tmp_path, "databricks_cluster_policy", *rules)

    assert [(one.attribute, one.before, one.after) for one in change.loosened] == [("a", "only x", "only y")]


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
def test_a_rule_that_allows_more_or_cannot_be_compared_is_looser(
    before: dict[str, Any], after: dict[str, Any] | None
) -> None:
    later = {} if after is None else {"num_workers": after}

    (rule,) = looser_rules({"num_workers": before}, later)

    assert rule.attribute == "num_workers"


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
def test_a_rule_that_allows_no_more_is_not_looser(
    before: dict[str, Any], after: dict[str, Any] | None
) -> None:
    later = {} if after is None else {"num_workers": after}

    assert list(looser_rules({"num_workers": before}, later)) == []


def test_an_attribute_without_a_rule_cannot_become_looser() -> None:
    assert list(looser_rules({}, {"num_workers": UNLIMITED})) == []


def test_a_looser_rule_names_the_old_and_the_new_values() -> None:
    (rule,) = looser_rules({"num_workers": RANGE}, {"num_workers": FIXED | {"value": 9, "isOptional": True}})

    assert plain(rule.sentence) == ("`num_workers` allows `only 9, or no value` instead of `1 to 8`")


@pytest.mark.parametrize(
    ("before", "after"),
    [("{", "{}"), ("{}", "{"), (f'{{"a": {"[" * 900}1{"]" * 900}}}', f'{{"a": {"[" * 900}2{"]" * 900}}}')],
)
def test_rules_of_a_policy_that_cannot_be_read_count_as_looser(
    tmp_path: Path, before: str, after: str
) -> None:
    policy = "databricks_cluster_policy"

    change = compute_change(tmp_path, policy, {"definition": before}, {"definition": after})

    assert [rule.attribute for rule in change.loosened] == ["definition"]
