"""A mesh that sets every field, deployed to the local workspace."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.deploy.conftest import Mesh, served

EVERYTHING = Path(__file__).resolve().parents[2] / "everything"


@pytest.fixture
def everything(tmp_path: Path) -> Iterator[Mesh]:
    """A copy, and a workspace for it."""
    shutil.copytree(EVERYTHING, tmp_path, dirs_exist_ok=True)
    yield from served(tmp_path)


def test_the_second_plan_is_empty_and_destroy_removes_everything(everything: Mesh) -> None:
    first = everything.run("deploy", "--auto-approve")
    assert first.returncode == 0, first.stdout + first.stderr
    client = everything.client
    assert {one.name for one in client.registered_models.list()} == {"taximodel"}
    [experiment] = client.experiments.list_experiments()
    assert str(experiment.name).endswith("/ml_faremodel")
    permitted = client.permissions.get("experiments", str(experiment.experiment_id)).access_control_list or []
    assert "taxi-team" in {one.group_name for one in permitted}
    assert {one.name for one in client.external_locations.list()} == {"drop"}
    assert [one.cluster_name for one in client.clusters.list()] == ["shared"]
    second = everything.run("deploy", "--auto-approve")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Nothing to change: 3 stacks up to date" in second.stdout
    destroyed = everything.run("destroy", "--auto-approve")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert everything.in_state() == set()
    assert list(client.jobs.list()) == []
    assert list(client.experiments.list_experiments()) == []
    assert list(client.external_locations.list()) == []
    assert "acme_transport" not in {catalog.name for catalog in client.catalogs.list()}
