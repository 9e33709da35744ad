"""The cluster policies of a class: limits for the size of clusters, and their tags.

A policy can only set fixed tags, not the user's name. So each student has a policy for clusters of jobs;
other clusters have Databricks' own tag `Creator`.

Source: Databricks documentation, "Compute policy reference" and "Use tags to attribute and track usage".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesh.workshop.limits import LimitsFile

Definition = dict[str, dict[str, Any]]


def pipeline_policy(limits: LimitsFile, tags: Mapping[str, str]) -> Definition:
    """The policy for clusters of pipelines."""
    return {"cluster_type": _fixed("dlt"), **_size(limits), **_tags(tags)}


def job_policy(limits: LimitsFile, tags: Mapping[str, str]) -> Definition:
    """The policy for clusters of jobs, which end with the job."""
    return {"cluster_type": _fixed("job"), **_size(limits), **_tags(tags)}


def cluster_policy(limits: LimitsFile, tags: Mapping[str, str]) -> Definition:
    """The policy for clusters that users start for notebooks, which end when they are idle."""
    idle = _fixed(limits.auto_termination_minutes) | {"hidden": True}
    rules = {"cluster_type": _fixed("all-purpose"), "autotermination_minutes": idle}
    return {**rules, **_size(limits), **_tags(tags)}


def _size(limits: LimitsFile) -> Definition:
    at_most = {"type": "range", "maxValue": limits.max_workers}
    return {
        "num_workers": {**at_most, "defaultValue": min(1, limits.max_workers), "isOptional": True},
        "autoscale.max_workers": {**at_most, "isOptional": True},
        "dbus_per_hour": {"type": "range", "maxValue": limits.dbus_per_hour},
    }


def _tags(tags: Mapping[str, str]) -> Definition:
    return {f"custom_tags.{name}": _fixed(value) for name, value in tags.items()}


def _fixed(value: str | int) -> dict[str, Any]:
    return {"type": "fixed", "value": value}
