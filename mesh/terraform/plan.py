"""Terraform plans: the changes that they make, and the resources that stacks declare."""

from __future__ import annotations

from collections.abc import Mapping
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
    """

    changes: tuple[PlannedChange, ...]
    error: str | None = None
    text: str | None = None


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
