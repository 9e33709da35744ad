"""The cluster policies of a class: what a cluster may be, and what it says of itself.

A policy knows fixed values only, and nothing of who uses it. So clusters of jobs say whose they are by a
policy for each student; for others, Databricks' own tag `Creator` tells it.

Source: Databricks documentation, "Compute policy reference" and "Use tags to attribute and track usage".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesh.workshop.limits import LimitsFile

Definition = dict[str, dict[str, Any]]


def pipelines(limits: LimitsFile, tags: Mapping[str, str]) -> Definition:
    """The rules of the clusters that pipelines start."""
    return {"cluster_type": _fixed("dlt"), **_size(limits), **_tags(tags)}


def jobs(limits: LimitsFile, tags: Mapping[str, str]) -> Definition:
    """The rules of the clusters that jobs start, which end with the job."""
    return {"cluster_type": _fixed("job"), **_size(limits), **_tags(tags)}


def clusters(limits: LimitsFile, tags: Mapping[str, str]) -> Definition:
    """The rules of the clusters that somebody starts for notebooks, which end when they are idle."""
    idle = _fixed(limits.auto_termination_minutes) | {"hidden": True}
    rules = {"cluster_type": _fixed("all-purpose"), "autotermination_minutes": idle}
    return {**rules, **_size(limits), **_tags(tags)}


def _size(limits: LimitsFile) -> Definition:
    most = {"type": "range", "maxValue": limits.max_workers}
    return {
        "num_workers": {**most, "defaultValue": min(1, limits.max_workers), "isOptional": True},
        "autoscale.max_workers": {**most, "isOptional": True},
        "dbus_per_hour": {"type": "range", "maxValue": limits.dbus_per_hour},
    }


def _tags(tags: Mapping[str, str]) -> Definition:
    return {f"custom_tags.{name}": _fixed(value) for name, value in tags.items()}


def _fixed(value: str | int) -> dict[str, Any]:
    return {"type": "fixed", "value": value}
