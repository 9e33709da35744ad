"""The report of a tear-down, and the labels of the objects in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mesh.terraform.state import State
from mesh.workshop.teardown.removals import ObjectToKeep
from mesh.workshop.teardown.workspace_object import LABELS


@dataclass
class TeardownReport:
    """The result of a tear-down.

    Args:
        removed: label and reason of each removed object; in a dry run, of each object to remove.
        kept: the objects that are kept.
        failed: label and error of each object that could not be removed.
    """

    removed: list[tuple[str, str]] = field(default_factory=list)
    kept: list[ObjectToKeep] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object, for scripts."""
        return {
            "gone": [{"what": label, "why": reason} for label, reason in self.removed],
            "kept": [{"what": each.label, "why": each.reason} for each in self.kept],
            "failed": [{"what": label, "why": error} for label, error in self.failed],
        }


def resource_label(address: str, state: State) -> str:
    """The type and name of a resource in a state; its address if the type has no label.

    Args:
        address: the Terraform address.
        state: the state with the resource.
    """
    type, attributes = address.partition(".")[0], state.held[address]
    keys = ("full_name", "user_name", "display_name", "path")
    name = next((str(attributes[key]) for key in keys if attributes.get(key)), None)
    if type in LABELS:
        id = attributes.get("id") if type == "databricks_schema" else None
        return f"{LABELS[type]} {name or id or attributes.get('name') or address}"
    return address


def count_by_type(addresses: Iterable[str]) -> str:
    """The number of resources of each type, such as `1 job, 2 schemas`."""
    counts = Counter(address.partition(".")[0] for address in addresses)
    return ", ".join(f"{number} {_noun(type, number)}" for type, number in sorted(counts.items()))


def group_by_reason(kept: Iterable[ObjectToKeep]) -> Iterator[str]:
    """One line for all objects that are kept for the same reason."""
    labels: dict[str, list[str]] = {}
    for each in kept:
        labels.setdefault(each.reason, []).append(each.label)
    for reason, same in labels.items():
        yield f"{', '.join(same)}: {reason}"


def _noun(type: str, number: int) -> str:
    noun = LABELS.get(type, type.removeprefix("databricks_").replace("_", " "))
    if number == 1 or noun.endswith("s"):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
