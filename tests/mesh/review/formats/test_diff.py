"""The Terraform diff as lines of text."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.review.formats.diff import counts, lines
from mesh.review.labels import drift_labels
from mesh.review.masking import Edit
from mesh.review.plan import ResourceChange
from mesh.review.review import StackReview
from mesh.review.stack_location import StackLocation

LOCATION = StackLocation("prod", "project", "acme/sales/orders", ("prod",))


def job(*actions: str, **more: Any) -> ResourceChange:
    """A change of a job."""
    return ResourceChange("databricks_job.a", actions, {}, {}, kind="databricks_job", **more)


def stack(*resources: ResourceChange) -> StackReview:
    """The review of a stack."""
    return StackReview("acme-sales-orders-prod", LOCATION, (), resources)


@pytest.mark.parametrize(
    ("resource", "line"),
    [
        (job("create"), "+ databricks_job.a will be created"),
        (job("delete"), "- databricks_job.a will be destroyed"),
        (job("delete", "create"), "- databricks_job.a will be destroyed and recreated"),
        (job("forget"), "# databricks_job.a will no longer be managed"),
        (job("no-op", imports=True), "# databricks_job.a will be imported"),
        (
            job("no-op", previous_address="databricks_job.b"),
            "# databricks_job.a has a new address (was databricks_job.b)",
        ),
    ],
)
def test_each_action_has_a_sign_and_a_predicate(resource: ResourceChange, line: str) -> None:
    assert list(lines(stack(resource))) == [line]


def test_attributes_are_added_removed_and_changed() -> None:
    edits = (Edit("a", None, "1"), Edit("b", "1", None), Edit("c", "1", "2"), Edit("d[0].e", "1", "2"))

    assert list(lines(stack(job("update", edits=edits, because=("d",)))))[1:] == [
        "+   a = 1",
        "-   b = 1",
        "!   c: 1 → 2",
        "!   d[0].e: 1 → 2 (forces replacement)",
    ]


def test_destroyed_resources_have_no_attributes() -> None:
    assert len(list(lines(stack(job("delete", edits=(Edit("a", "1", None),)))))) == 1


def test_resources_are_counted_with_the_labels_of_the_report() -> None:
    both = [stack(job("create"), job("update")), stack(job("delete"))]
    drift = StackReview("x", LOCATION, (), (job("update"),), labels=drift_labels("prod"))

    assert counts(both) == "2 stacks: 1 to add, 1 to change, 1 to destroy"
    assert counts([drift]) == "1 stack: 1 changed, 0 deleted"
