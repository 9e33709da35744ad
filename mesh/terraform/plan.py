"""Terraform plans: the changes that they make, and the resources that stacks declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DeclaredResource:
    """A resource that a stack declares.

    Args:
        address: its Terraform address.
        arguments: its arguments, with references and escapes resolved.
    """

    address: str
    arguments: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Its type, for example `databricks_schema`."""
        return self.address.partition(".")[0]

    @property
    def id(self) -> str:
        """Its Terraform name."""
        return self.address.partition(".")[2]


@dataclass(frozen=True)
class PlannedChange:
    """The change of one resource in a plan.

    Args:
        address: its Terraform address.
        actions: Terraform's actions; two actions replace the resource.
        before: its attributes before the change; empty if it is created.
        after: its known attributes after the change; empty if it is destroyed.
        because: the attributes that force a replacement.
        imports: True if an existing object is imported into the state.
    """

    address: str
    actions: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    because: tuple[str, ...] = ()
    imports: bool = False

    @property
    def type(self) -> str:
        """The resource's type."""
        return self.address.partition(".")[0]

    @property
    def destroys(self) -> bool:
        """True if the existing object is destroyed, for a replacement, too."""
        return "delete" in self.actions

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """The changed attributes, with their values before and after."""
        return {
            name: (self.before.get(name), value)
            for name, value in self.after.items()
            if (value or self.before.get(name)) and value != self.before.get(name)
        }


@dataclass(frozen=True)
class Plan:
    """A plan that Terraform has saved.

    Args:
        changes: the changes, without unchanged resources.
        error: Terraform's error if it did not finish the plan, for example because of `prevent_destroy`.
        text: the output of `terraform show -json`; None for a plan without changes, which is not read.
        file_hash: the hash of the plan file, so that no other plan is applied; None without a plan file.
    """

    changes: tuple[PlannedChange, ...]
    error: str | None = None
    text: str | None = None
    file_hash: str | None = None


PLANNED = ("to add", "to change", "to destroy")
APPLIED = ("added", "changed", "destroyed")


def change_counts(changes: Iterable[PlannedChange]) -> tuple[int, int, int]:
    """The numbers of resources to add, change and destroy, as Terraform counts them.

    A replaced resource is added and destroyed.
    """
    actions = [change.actions for change in changes]
    added, changed, destroyed = (
        sum(name in one for one in actions) for name in ("create", "update", "delete")
    )
    return added, changed, destroyed


def count_text(changes: Iterable[PlannedChange], labels: Sequence[str]) -> str:
    """The numbers of changes as text, such as `2 added, 1 changed`; numbers that are 0 are left out.

    Args:
        changes: the changes.
        labels: PLANNED or APPLIED.
    """
    numbers = zip(change_counts(changes), labels, strict=True)
    return ", ".join(f"{number} {label}" for number, label in numbers if number)


def read_change(entry: Mapping[str, Any]) -> PlannedChange:
    """Reads an entry of `resource_changes` from `terraform show -json`."""
    change = entry["change"]
    return PlannedChange(
        address=entry["address"],
        actions=tuple(change["actions"]),
        before=change.get("before") or {},
        after=change.get("after") or {},
        because=tuple(str(path[0]) for path in change.get("replace_paths", ()) if path),
        imports=bool(change.get("importing")),
    )
