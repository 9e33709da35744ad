"""Rule `has-owner`."""

from __future__ import annotations

from tests.mesh.rules.conftest import SHOP, Found

RULE = "rules: {has-owner: {}}"


def test_an_owner_of_the_project_or_its_domain_counts(found: Found) -> None:
    assert found(RULE, {f"{SHOP}/project.yml": "owner: analysts"}) == []


def test_an_inherited_owner_counts_up_to_the_level_that_the_org_allows(found: Found) -> None:
    domain = {"orgs/acme/domains/sales/domain.yml": "owner: analysts"}

    assert found(RULE, domain) == []
    assert found("rules: {has-owner: {inherited_from: project}}", domain) == [
        "project.yml:1: project `shop` has no owner (add `owner` to project.yml) [has-owner]"
    ]


def test_the_owner_of_the_org_counts_only_if_the_rule_says_so(found: Found) -> None:
    assert found("rules: {has-owner: {inherited_from: org}}") == []
    assert found(RULE) == [
        "project.yml:1: project `shop` has no owner (add `owner` to project.yml or domain.yml) [has-owner]"
    ]
