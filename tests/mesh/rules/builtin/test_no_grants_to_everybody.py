"""Rule `no-grants-to-everybody`."""

from __future__ import annotations

from tests.mesh.rules.conftest import SHOP, Found


def test_grants_to_some_groups_are_fine(found: Found) -> None:
    grants = {f"{SHOP}/project.yml": "grants: [{principal: analysts, role: reader}]"}

    assert found("rules: {no-grants-to-everybody: {}}", grants) == []


def test_everybody_is_found_at_the_principal(found: Found) -> None:
    grants = {f"{SHOP}/project.yml": "grants:\n- principal: account users\n  role: reader\n"}

    assert found("rules: {no-grants-to-everybody: {}}", grants) == [
        "project.yml:2: `account users` contains every user (grant to the groups that need it) "
        "[no-grants-to-everybody]"
    ]


def test_an_org_names_its_own_groups_in_any_case(found: Found) -> None:
    grants = {f"{SHOP}/project.yml": "grants: [{principal: analysts, role: reader}]"}

    assert len(found("rules: {no-grants-to-everybody: {groups: [Analysts]}}", grants)) == 1
