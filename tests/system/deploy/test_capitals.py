"""A mesh whose folders and names have capitals, which Unity Catalog stores in lower case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.deploy.conftest import Mesh, served, write_flow, write_naming

PROJECT = Path("orgs/Acme/domains/Retail/projects/TaxiNYC")


@pytest.fixture
def capitals(tmp_path: Path) -> Iterator[Mesh]:
    """Capitals in the names of org, domain, project, flow, schema, volume and model; and a workspace."""
    write_flow(tmp_path / PROJECT / "flows" / "Prep" / "Daily")
    (tmp_path / PROJECT / "project.yml").write_text(
        "volumes: {Landing: {schema: Daily}}\nregistered_models: {Fares: {schema: Daily}}\n"
        "grants: [{principal: users, role: reader}]\n"
    )
    write_naming(tmp_path)
    yield from served(tmp_path)


def test_names_with_capitals_deploy_at_once_and_plan_empty(capitals: Mesh) -> None:
    first = capitals.run("deploy", "--auto-approve")
    assert first.returncode == 0, first.stdout + first.stderr
    client = capitals.client
    assert {one.name for one in client.catalogs.list()} >= {"acme"}
    [schema] = capitals.schemas()
    assert schema == schema.lower()
    assert [one.name for one in client.volumes.list("acme", schema)] == ["landing"]
    assert {one.name for one in client.registered_models.list()} == {"fares"}

    second = capitals.run("deploy", "--auto-approve")
    assert "Nothing to change" in second.stdout, second.stdout + second.stderr
    destroyed = capitals.run("destroy", "--auto-approve")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert capitals.in_state() == set()
