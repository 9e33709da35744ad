"""What becomes bigger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh.review.compute import ComputeChange, compute_changes
from mesh.review.plan import read_plans
from mesh.review.sentence import plain

NAMES = {
    "databricks_sql_endpoint": "name",
    "databricks_cluster": "cluster_name",
    "databricks_instance_pool": "instance_pool_name",
}


def changed(folder: Path, type: str, before: dict[str, Any], after: dict[str, Any]) -> ComputeChange:
    """What a change of one resource is told as."""
    name = {NAMES.get(type, "name"): "shared"}
    change = {"actions": ["update"], "before": name | before, "after": name | after}
    file = folder / "stack.json"
    file.write_text(
        json.dumps({"resource_changes": [{"address": f"{type}.x", "type": type, "change": change}]})
    )
    (found,) = compute_changes(read_plans([file]))
    return found


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
def test_more_of_what_costs_is_bigger(
    tmp_path: Path, type: str, before: dict[str, Any], after: dict[str, Any], bigger: bool
) -> None:
    found = changed(tmp_path, type, before, after)

    assert bool(found.bigger) == bigger
    assert plain(found.sentence).startswith("enlarges" if bigger else "changes")


def test_a_policy_without_a_rule_for_clusters_per_user_is_looser(tmp_path: Path) -> None:
    found = changed(tmp_path, "databricks_cluster_policy", {"max_clusters_per_user": 2}, {})

    assert [one.attribute for one in found.loosened] == ["max_clusters_per_user"]


def test_rules_that_override_a_policy_family_count_too(tmp_path: Path) -> None:
    rules = [
        {"policy_family_definition_overrides": json.dumps({"a": {"type": "fixed", "value": v}})} for v in "xy"
    ]

    found = changed(tmp_path, "databricks_cluster_policy", *rules)

    assert [(one.attribute, one.before, one.after) for one in found.loosened] == [("a", "only x", "only y")]
