"""TODO docstring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """A resource as a stack declares it.

    Args:
        address: what Terraform calls it.
        arguments: what it is given, with the text that Terraform makes of it.
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
class Change:
    """What a plan does to one resource.

    Args:
        address: what Terraform calls it.
        actions: Terraform's words; two of them replace it.
        before: its attributes now; none where it is made.
        after: its attributes then, as far as they are known; none where it is destroyed.
        because: the attributes that force a replacement.
        imports: whether it is taken into the state.
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
        """Whether what is there now is gone afterwards."""
        return "delete" in self.actions

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Attributes that are declared otherwise than they are: before and after."""
        return {
            name: (self.before.get(name), value)
            for name, value in self.after.items()
            if (value or self.before.get(name)) and value != self.before.get(name)
        }


@dataclass(frozen=True)
class Plan:
    """A plan that Terraform has saved.

    Args:
        changes: all that it does; what it leaves as it is is not among them.
        error: what Terraform says when it stopped on the way; it says so, too, when `prevent_destroy` is
            in the way of a change.
    """

    changes: tuple[Change, ...]
    error: str | None = None


def _change(shown: Mapping[str, Any]) -> Change:
    change = shown["change"]
    return Change(
        address=shown["address"],
        actions=tuple(change["actions"]),
        before=change.get("before") or {},
        after=change.get("after") or {},
        because=tuple(str(path[0]) for path in change.get("replace_paths", ()) if path),
        imports=bool(change.get("importing")),
    )
