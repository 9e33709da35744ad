"""The review of all plans."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.model.review_policy import PolicyFile
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.review import EnvironmentReview, review

SALES = {"catalog_name": "main", "name": "sales"}


def schema(action: str) -> ResourceChange:
    """A change of a schema."""
    after = {} if action == "delete" else SALES
    return ResourceChange("databricks_schema.s", (action,), SALES, after, kind="databricks_schema")


def test_production_comes_first_and_in_it_the_stacks_that_lose_data() -> None:
    plans = [
        StackPlan("acme-a-one-dev", (schema("update"),), "Error: no"),
        StackPlan("acme-a-two-prod", (), "Error: no"),
        StackPlan("acme-a-three-prod", (schema("delete"),)),
        StackPlan("acme-a-four-prod", ()),
    ]

    result = review(plans, None, PolicyFile())

    assert [one.environment for one in result.environments] == ["prod", "dev"]
    assert [one.stack for one in result.stacks] == ["acme-a-three-prod", "acme-a-two-prod", "acme-a-one-dev"]
    assert [one.name for one in result.losses] == ["main.sales"]
    assert result.refused


def test_approved_rules_do_not_refuse() -> None:
    plans = [StackPlan("acme-a-three-prod", (schema("delete"),))]

    assert not review(plans, None, PolicyFile(), approved=frozenset({"data-loss"})).refused


def test_resources_are_counted_as_terraform_does() -> None:
    replaced = ResourceChange(
        "databricks_schema.r", ("delete", "create"), SALES, SALES, kind="databricks_schema"
    )
    (stack,) = review([StackPlan("a-b-c-prod", (schema("create"), replaced))], None, PolicyFile()).stacks

    assert stack.counts == (2, 0, 1)


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"projects": 100, "changed": 2}, "2 projects change, 98 do not"),
        ({"projects": 3, "changed": 1, "failed": 1}, "1 project changes, 1 does not, 1 failed"),
        ({"projects": 2}, "no project changes"),
        ({"projects": 1, "shared": True}, "no project changes, shared resources change"),
        ({}, "no changes"),
    ],
)
def test_the_summary_of_an_environment_is_one_line(counts: dict[str, Any], line: str) -> None:
    none: dict[str, Any] = {"projects": 0, "changed": 0, "failed": 0, "shared": False}

    assert EnvironmentReview("prod", (), **{**none, **counts}).summary == line
