"""Changes made by hand, as a plan: `before` is the deployed resource, `after` the resource now.

A change counts as drift if a deployment reverts it: every attribute that the stack's code sets, and every
other attribute that Terraform plans to change. Other attributes, such as the time of the last use, change by
use alone.
Source: Terraform documentation, "JSON Output Format", `resource_drift`; "Use refresh-only mode".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mesh.review.plan import ResourceChange, StackPlan, changes_in, hide_sensitive_text, resource_change
from mesh.review.sensitive_text import sensitive_text

AttributesByAddress = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class StateRefresh:
    """The refreshed state of a stack.

    Args:
        stack: the stack's name.
        refresh_plan: the JSON of `terraform plan -refresh-only`.
        declared: the attributes that the stack's code sets, by address.
    """

    stack: str
    refresh_plan: Mapping[str, Any]
    declared: AttributesByAddress = field(default_factory=dict)

    @property
    def needs_plan(self) -> bool:
        """True if resources changed: only a plan shows which changes a deployment reverts."""
        return any(
            _actions(one) == ("update",) and any(_changed(one))
            for one in changes_in(self.refresh_plan, "resource_drift")
            if one.get("mode", "managed") == "managed"
        )

    def plan(self, next_plan: Mapping[str, Any] | None = None) -> StackPlan:
        """The changes made by hand.

        Args:
            next_plan: the JSON of the next deployment's plan; None where there is none.
        """
        reverted = {
            str(one["address"]): frozenset(_known_changes(one))
            for one in changes_in(next_plan or {}, "resource_changes")
        }
        drifts = {
            str(one["address"]): self._drift(one, reverted)
            for one in changes_in(self.refresh_plan, "resource_drift")
            if one.get("mode", "managed") == "managed" and not one.get("deposed")
        }
        changed = {address: one for address, one in drifts.items() if one is not None}
        unchanged = [
            _unchanged(one) for one in _resources(self.refresh_plan) if one["address"] not in changed
        ]
        hidden = sensitive_text(self.refresh_plan)
        return StackPlan(
            self.stack, tuple(hide_sensitive_text(one, hidden) for one in (*changed.values(), *unchanged))
        )

    def _drift(self, one: Mapping[str, Any], reverted: AttributesByAddress) -> ResourceChange | None:
        """The change made by hand to a resource; None where no change counts as drift."""
        actions, change = _actions(one), one["change"]
        # a new address comes from a commit, not from the workspace
        entry = {key: value for key, value in one.items() if key != "previous_address"}
        if actions == ("delete",):
            return resource_change(entry)
        before, after = change.get("before"), change.get("after")
        if actions != ("update",) or not isinstance(before, Mapping) or not isinstance(after, Mapping):
            return None
        counts = self._declared(one) | reverted.get(str(one["address"]), frozenset())
        ignored = {name: before.get(name) for name in _changed(one) if name not in counts}
        drift = resource_change({**entry, "change": {**change, "after": {**after, **ignored}}})
        return drift if drift.edits else None

    def _declared(self, drift: Mapping[str, Any]) -> frozenset[str]:
        """The declared attributes of a resource; of its type if the code no longer declares the resource."""
        address = str(drift["address"])
        if address in self.declared:
            return self.declared[address]
        prefix = f"{drift.get('type')}."
        return frozenset().union(*(names for key, names in self.declared.items() if key.startswith(prefix)))


def updated_addresses(plan: Mapping[str, Any]) -> frozenset[str]:
    """The addresses of the resources that a plan updates in place or replaces.

    Args:
        plan: the JSON of the plan.
    """
    changes = changes_in(plan, "resource_changes")
    return frozenset(str(one["address"]) for one in changes if {"update", "create"} & set(_actions(one)))


def owner_updates(plan: Mapping[str, Any]) -> frozenset[str]:
    """The addresses of the resources of which a plan updates only the owner.

    The provider sends a request with the owner only, so such an update restores no other setting of data.

    Args:
        plan: the JSON of the plan.
    """
    return frozenset(
        str(one["address"])
        for one in changes_in(plan, "resource_changes")
        if _actions(one) == ("update",) and _differing(one["change"]) <= {"owner"}
    )


def _differing(change: Mapping[str, Any]) -> set[str]:
    """The attributes that a change sets to another value, also to one that only the apply knows."""
    before, after, unknown = (change.get(part) or {} for part in ("before", "after", "after_unknown"))
    later = {name for name, mark in unknown.items() if mark}
    return {name for name in {**before, **after} if before.get(name) != after.get(name)} | later


def declared_attributes(code: Mapping[str, Any]) -> AttributesByAddress:
    """The attributes that a stack's Terraform JSON sets, by address."""
    types = code.get("resource") or {}
    return {
        f"{type}.{name}": frozenset(arguments)
        for type, resources in types.items()
        for name, arguments in resources.items()
    }


def _actions(drift: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, drift["change"].get("actions") or ()))


def _changed(drift: Mapping[str, Any]) -> Iterator[str]:
    """The attributes of a resource that change."""
    before, after = drift["change"].get("before"), drift["change"].get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from (name for name in {**before, **after} if before.get(name) != after.get(name))


def _known_changes(drift: Mapping[str, Any]) -> Iterator[str]:
    """The attributes that change to a value that is known before the apply."""
    later = drift["change"].get("after_unknown")
    unknown = later if isinstance(later, Mapping) else {}
    yield from (name for name in _changed(drift) if unknown.get(name) is not True)


def _resources(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All managed resources in the refreshed state."""
    node: Any = plan
    for name in ("prior_state", "values", "root_module", "resources"):
        node = node.get(name) if isinstance(node, Mapping) else None
    for one in node if isinstance(node, list) else ():
        if not isinstance(one, Mapping) or one.get("deposed_key"):
            continue
        if one.get("mode") == "managed" and one.get("address"):
            yield one


def _unchanged(drift: Mapping[str, Any]) -> ResourceChange:
    marks = drift.get("sensitive_values")
    change = {"actions": ["no-op"], "before": drift.get("values"), "before_sensitive": marks}
    return resource_change({"address": drift["address"], "type": drift.get("type"), "change": change})
