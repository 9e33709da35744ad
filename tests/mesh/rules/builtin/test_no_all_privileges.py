"""Rule `no-all-privileges`."""

from __future__ import annotations

from tests.mesh.rules.conftest import ORDERS, SHOP, TASKS, Found

RULE = "rules: {no-all-privileges: {}}"


def test_other_privileges_are_fine(found: Found) -> None:
    assert found(RULE, {f"{SHOP}/project.yml": "grants: [{principal: analysts, role: owner}]"}) == []


def test_all_privileges_are_found_at_every_level(found: Found) -> None:
    grant = "{principal: analysts, privileges: [ALL_PRIVILEGES]}"
    files = {
        f"{SHOP}/project.yml": f"grants: [{grant}]",
        ORDERS: f"schemas: {{orders: {{grants: [{grant}]}}}}\n" + TASKS,
    }
    end = "`analysts` gets ALL_PRIVILEGES (name the privileges, or use a role) [no-all-privileges]"

    assert found(RULE, files) == [f"deployment.yml:1: {end}", f"project.yml:1: {end}"]
