"""Rule `has-tags`."""

from __future__ import annotations

from tests.mesh.rules.conftest import ORDERS, TASKS, Found

RULE = "rules: {has-tags: {tags: [cost_center, team]}}"


def test_inherited_tags_count(found: Found) -> None:
    files = {
        "orgs/acme/defaults.yml": "tags: {team: shop}",
        ORDERS: "tags: {cost_center: '4711'}\n" + TASKS,
    }

    assert found(RULE, files) == []


def test_missing_tags_are_told_at_the_tags(found: Found) -> None:
    assert found(RULE, {ORDERS: TASKS + "tags: {team: shop}\n"}) == [
        "deployment.yml:2: the job lacks the tag `cost_center` (add to `tags` here or in a defaults.yml) "
        "[has-tags]"
    ]
