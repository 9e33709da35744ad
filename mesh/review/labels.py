"""What the same report is called where it tells of a plan, and where it tells of what somebody has done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """Our own words around sentences.

    Args:
        title: of the whole report.
        file: what its files are called.
        marker: what the hidden first line of its comments says; the first comment's too has a number
            where the marker has none of its own.
        before: what stands before an environment.
        none: what is said where there is nothing to report of.
        verdict: what is said where nothing is refused; "" where nothing could be.
        failed: what happened where there is an error.
        loses: what a folded stack says when data is lost.
        counted: what resources are counted as: those that come, that stay, that go; "" is not counted.
        actions: what happens to a resource, by Terraform's word, in the diff.
    """

    title: str
    file: str
    marker: str
    before: str
    none: str
    verdict: str
    failed: str
    loses: str
    counted: tuple[str, str, str]
    actions: Mapping[str, str]


REVIEW = Wording(
    title="Mesh review",
    file="review",
    marker="",
    before="",
    none="no plans",
    verdict="nothing is refused",
    failed="Terraform could not plan",
    loses="destroys data",
    counted=("to add", "to change", "to destroy"),
    actions={
        "create": "is created",
        "delete": "is destroyed",
        "update": "is changed",
        "replace": "is destroyed and created",
        "forget": "is no longer managed",
        "move": "has another address",
        "import": "is imported",
    },
)


def of_drift(environment: str) -> Wording:
    """The words for what was changed by hand in an environment."""
    return Wording(
        title="Changed by hand",
        file="drift",
        marker=f"drift {environment}",
        before="Changed by hand · ",
        none="no stacks",
        verdict="",
        failed="Terraform could not look",
        loses="data was deleted",
        counted=("", "changed", "deleted"),
        actions={"delete": "was deleted", "update": "was changed"},
    )
