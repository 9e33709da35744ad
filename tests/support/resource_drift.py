"""Resources that differ from their state, and what the drift report says about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesh.review.drift_change import drift_change
from mesh.review.drift_plan import AttributesByAddress, StateRefresh
from mesh.review.mesh_index import MeshIndex
from mesh.review.review import all_changes
from mesh.review.sentence import plain

JOB = {"id": "7", "name": "trips", "updated_at": 1}
CODE = {"databricks_job.trips": frozenset({"name", "tags", "git_source"})}


def differs(
    address: str, before: Mapping[str, Any], after: Mapping[str, Any] | None, **more: Any
) -> dict[str, Any]:
    """A resource in `resource_drift`."""
    actions = ["delete"] if after is None else ["update"]
    change = {"actions": actions, "before": before, "after": after, **more}
    return {"address": address, "type": address.partition(".")[0], "change": change}


def sentences(*drift: dict[str, Any], code: AttributesByAddress = CODE, then: Any = None) -> list[str]:
    """The sentences and details of a drift report."""
    plan = StateRefresh("stack", {"resource_drift": list(drift)}, code).plan(then)
    rule_subjects, others = all_changes([plan], MeshIndex())
    return [
        line
        for one in map(drift_change, (*rule_subjects, *others))
        for line in (plain(one.sentence), *(f"  {plain(detail)}" for detail in one.details))
    ]
