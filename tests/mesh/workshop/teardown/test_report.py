"""The report of a tear-down, and its labels."""

from __future__ import annotations

import pytest

from mesh.terraform.state import State
from mesh.workshop.teardown.removals import ObjectToKeep
from mesh.workshop.teardown.report import TeardownReport, count_by_type, group_by_reason, resource_label

STATE = State(
    {
        "databricks_schema.data": {"id": "training.data"},
        "databricks_user.kari": {"id": "8", "user_name": "kari@acme.example"},
        "databricks_directory.n": {"id": "5", "path": "/Users/x/class"},
        "databricks_sql_endpoint.class": {"id": "w", "name": "workshop-oslo"},
        "databricks_grants.training": {"id": "catalog/training"},
    }
)


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("databricks_schema.data", "schema training.data"),
        ("databricks_user.kari", "user kari@acme.example"),
        ("databricks_directory.n", "folder /Users/x/class"),
        ("databricks_sql_endpoint.class", "SQL warehouse workshop-oslo"),
        ("databricks_grants.training", "databricks_grants.training"),
    ],
)
def test_a_resource_has_its_type_and_name_as_label(address: str, label: str) -> None:
    assert resource_label(address, STATE) == label


def test_resources_are_counted_by_type_in_singular_and_plural() -> None:
    addresses = ["databricks_cluster_policy.a", "databricks_cluster_policy.b", "databricks_job.a"]

    assert count_by_type([*addresses, "databricks_grants.a", "databricks_grants.b"]) == (
        "2 cluster policies, 2 grants, 1 job"
    )


def test_objects_with_the_same_reason_share_a_line() -> None:
    kept = [ObjectToKeep("user a", "why"), ObjectToKeep("user b", "other"), ObjectToKeep("user c", "why")]

    assert list(group_by_reason(kept)) == ["user a, user c: why", "user b: other"]


def test_the_keys_of_the_json_report_are_stable() -> None:
    report = TeardownReport([("job a", "its state")], [ObjectToKeep("user b", "r")], [("job c", "error")])

    assert report.as_json() == {
        "gone": [{"what": "job a", "why": "its state"}],
        "kept": [{"what": "user b", "why": "r"}],
        "failed": [{"what": "job c", "why": "error"}],
    }
