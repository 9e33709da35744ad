"""The labels of a report: a review describes a plan, a drift report describes changes made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class ReportLabels:
    """The labels of one kind of report.

    Args:
        title: the title of the report.
        file: the name of its files, without suffix.
        marker: the hidden marker in its comments, after `mesh`; the number of the first comment is left
            out. "" for the marker of reviews, in which every comment has a number.
        environment_prefix: the text before an environment's name.
        empty: the text of an empty report.
        verdict: the text where no rule refuses; "" where no rules apply.
        failed: the heading of a Terraform error.
        data_loss: the mark on a stack that loses data.
        counts: the labels of created, changed and deleted resources; "" for resources that are not counted.
        actions: the predicate of each Terraform action, for the diff.
    """

    title: str
    file: str
    marker: str
    environment_prefix: str
    empty: str
    verdict: str
    failed: str
    data_loss: str
    counts: tuple[str, str, str]
    actions: Mapping[str, str]


REVIEW_LABELS = ReportLabels(
    title="Mesh review",
    file="review",
    marker="",
    environment_prefix="",
    empty="no plans",
    verdict="no change is refused",
    failed="Terraform could not plan this stack",
    data_loss="destroys data",
    counts=("to add", "to change", "to destroy"),
    actions={
        "create": "will be created",
        "delete": "will be destroyed",
        "update": "will be changed",
        "replace": "will be destroyed and recreated",
        "recreate": "will be created again, and the existing one will no longer be managed",
        "forget": "will no longer be managed",
        "move": "has a new address",
        "import": "will be imported",
    },
)

CONTRACT_LABELS = replace(
    REVIEW_LABELS,
    title="Contracts",
    file="contracts",
    marker="contracts",
    empty="no contract changes",
)


def drift_labels(environment: str) -> ReportLabels:
    """The labels of the drift report of an environment."""
    return ReportLabels(
        title="Changed by hand",
        file="drift",
        marker=f"drift {environment}",
        environment_prefix="Changed by hand · ",
        empty="no stacks",
        verdict="",
        failed="Terraform could not refresh this stack",
        data_loss="data was deleted",
        counts=("", "changed", "deleted"),
        actions={"delete": "was deleted", "update": "was changed"},
    )
