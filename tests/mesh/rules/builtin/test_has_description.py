"""Rule `has-description`."""

from __future__ import annotations

from tests.mesh.rules.conftest import ORDERS, SHOP, TASKS, Found

DESCRIBED = {
    "orgs/acme/domains/sales/domain.yml": "description: What we sell",
    f"{SHOP}/project.yml": "description: The web shop",
    ORDERS: "description: All orders\n" + TASKS,
}


def test_levels_with_a_description_are_fine(found: Found) -> None:
    assert found("rules: {has-description: {}}", DESCRIBED) == []


def test_a_blank_description_is_none(found: Found) -> None:
    blank = {**DESCRIBED, ORDERS: TASKS + 'description: "  "\n'}

    assert found("rules: {has-description: {}}", blank) == [
        "deployment.yml:2: flow `orders` has no description (say in `description` what it is for) "
        "[has-description]"
    ]


def test_only_the_levels_that_the_org_names_need_one(found: Found) -> None:
    assert found("rules: {has-description: {levels: [project]}}") == [
        "project.yml:1: project `shop` has no description (say in `description` what it is for) "
        "[has-description]"
    ]
