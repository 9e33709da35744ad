"""What somebody has changed by hand, as a plan: before it is what was deployed, after it what is there now.

What counts is what a deployment would take back: every attribute that the stack's code sets, and of the
others those that Terraform plans to change again. All else follows from what runs, as when it was used last.
Source: Terraform documentation, "JSON Output Format", `resource_drift`; "Use refresh-only mode".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mesh.review.plan import Planned, StackPlan, changes_in, planned

Attributes = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Refreshed:
    """What Terraform finds when it refreshes a stack's state.

    Args:
        stack: the stack's name.
        shown: what `terraform show -json` says of `terraform plan -refresh-only`.
        declared: the attributes that the stack's code sets, by address.
    """

    stack: str
    shown: Mapping[str, Any]
    declared: Attributes = field(default_factory=dict)

    @property
    def unsure(self) -> bool:
        """Whether something changed of which the code does not say whether a deployment takes it back."""
        return any(
            set(_changed(one)) - self._declared(one)
            for one in changes_in(self.shown, "resource_drift")
            if _actions(one) == ("update",)
        )

    def plan(self, next_one: Mapping[str, Any] | None = None) -> StackPlan:
        """What was changed by hand.

        Args:
            next_one: what `terraform show -json` says of the next deployment's plan, where that is known.
        """
        taken_back = {
            str(one["address"]): frozenset(_known_changes(one))
            for one in changes_in(next_one or {}, "resource_changes")
        }
        found = {
            str(one["address"]): self._drifted(one, taken_back)
            for one in changes_in(self.shown, "resource_drift")
            if one.get("mode", "managed") == "managed"
        }
        changed = {address: one for address, one in found.items() if one is not None}
        there = [_as_it_is(one) for one in _resources(self.shown) if one["address"] not in changed]
        return StackPlan(self.stack, (*changed.values(), *there))

    def _drifted(self, one: Mapping[str, Any], taken_back: Attributes) -> Planned | None:
        """What was done to a resource; None where nothing counts."""
        actions, change = _actions(one), one["change"]
        # under another address it is because of a commit
        shown = {key: value for key, value in one.items() if key != "previous_address"}
        if actions == ("delete",):
            return planned(shown)
        before, after = change.get("before"), change.get("after")
        if actions != ("update",) or not isinstance(before, Mapping) or not isinstance(after, Mapping):
            return None
        counts = self._declared(one) | taken_back.get(str(one["address"]), frozenset())
        kept = {**after, **{name: before.get(name) for name in _changed(one) if name not in counts}}
        made = planned({**shown, "change": {**change, "after": kept}})
        return made if made.edits else None

    def _declared(self, one: Mapping[str, Any]) -> frozenset[str]:
        """The attributes of a resource that count; of one that the code has no more, those of its like."""
        address = str(one["address"])
        if address in self.declared:
            return self.declared[address]
        like = (names for other, names in self.declared.items() if other.startswith(f"{one.get('type')}."))
        return frozenset().union(*like)


def declared(code: Mapping[str, Any]) -> Attributes:
    """The attributes that a stack's Terraform JSON sets, by address."""
    kinds = code.get("resource") or {}
    return {
        f"{kind}.{name}": frozenset(arguments)
        for kind, named in kinds.items()
        for name, arguments in named.items()
    }


def _actions(one: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, one["change"].get("actions") or ()))


def _changed(one: Mapping[str, Any]) -> Iterator[str]:
    """The attributes of a resource that change."""
    before, after = one["change"].get("before"), one["change"].get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from (name for name in {**before, **after} if before.get(name) != after.get(name))


def _known_changes(one: Mapping[str, Any]) -> Iterator[str]:
    """The attributes that change to something that is known already."""
    later = one["change"].get("after_unknown")
    unknown = later if isinstance(later, Mapping) else {}
    yield from (name for name in _changed(one) if unknown.get(name) is not True)


def _resources(shown: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Everything that is there, as the state has it after the refresh."""
    part: Any = shown
    for name in ("prior_state", "values", "root_module", "resources"):
        part = part.get(name) if isinstance(part, Mapping) else None
    for one in part if isinstance(part, list) else ():
        if isinstance(one, Mapping) and one.get("mode") == "managed" and one.get("address"):
            yield one


def _as_it_is(one: Mapping[str, Any]) -> Planned:
    marks = one.get("sensitive_values")
    change = {"actions": ["no-op"], "before": one.get("values"), "before_sensitive": marks}
    return planned({"address": one["address"], "type": one.get("type"), "change": change})
