"""The cluster policies of a class."""

from __future__ import annotations

from mesh.workshop import cluster_policies
from mesh.workshop.limits import LimitsFile

LIMITS = LimitsFile(max_workers=2, auto_termination_minutes=30, dbus_per_hour=20)
SIZE = {
    "num_workers": {"type": "range", "maxValue": 2, "defaultValue": 1, "isOptional": True},
    "autoscale.max_workers": {"type": "range", "maxValue": 2, "isOptional": True},
    "dbus_per_hour": {"type": "range", "maxValue": 20},
}


def test_clusters_of_jobs_have_the_students_tag() -> None:
    assert cluster_policies.job_policy(LIMITS, {"workshop": "spring", "student": "ada"}) == {
        "cluster_type": {"type": "fixed", "value": "job"},
        **SIZE,
        "custom_tags.workshop": {"type": "fixed", "value": "spring"},
        "custom_tags.student": {"type": "fixed", "value": "ada"},
    }


def test_clusters_of_pipelines_have_the_same_size_limits() -> None:
    assert cluster_policies.pipeline_policy(LIMITS, {"workshop": "spring"}) == {
        "cluster_type": {"type": "fixed", "value": "dlt"},
        **SIZE,
        "custom_tags.workshop": {"type": "fixed", "value": "spring"},
    }


def test_other_clusters_end_when_they_are_idle() -> None:
    assert cluster_policies.cluster_policy(LIMITS, {"workshop": "spring"}) == {
        "cluster_type": {"type": "fixed", "value": "all-purpose"},
        "autotermination_minutes": {"type": "fixed", "value": 30, "hidden": True},
        **SIZE,
        "custom_tags.workshop": {"type": "fixed", "value": "spring"},
    }


def test_a_class_may_have_clusters_of_one_machine_only() -> None:
    rules = cluster_policies.job_policy(LimitsFile(max_workers=0), {})
    assert rules["num_workers"] == {"type": "range", "maxValue": 0, "defaultValue": 0, "isOptional": True}
