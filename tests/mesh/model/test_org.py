"""An org."""

from __future__ import annotations

from pathlib import Path

from tests.support.one_org import FILES, read_org


def test_an_org_has_its_own_roles_beside_the_built_in_ones(tmp_path: Path) -> None:
    org = read_org(tmp_path, {**FILES, "org.yml": "roles: {viewer: {schema: [SELECT]}}"})
    assert {"reader", "writer", "owner", "viewer"} <= set(org.roles)


def test_flows_have_the_fields_of_the_environment(tmp_path: Path) -> None:
    org = read_org(tmp_path, FILES)
    descriptions = [
        org.in_environment(name).domains[0].projects[0].flows[0].declared.description
        for name in ("dev", "prod")
    ]
    assert descriptions == [None, "production"]
