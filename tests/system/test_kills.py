"""Kills at random moments of a deployment of several stacks at a time lose nothing and create nothing twice.

MESH_KILLS sets the number of kills; the seed of each is its number.
"""

from __future__ import annotations

import os
import random
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.system.deploy.conftest import SOON, Mesh, served, settled, write_flow, write_naming

KILLS = int(os.environ.get("MESH_KILLS", "2"))
PROJECTS = ("one", "two", "three", "four")
LONGEST = 12.0  # seconds until a kill; a deployment takes about as long


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Mesh:
    """Four projects in two domains, and a workspace."""
    root = tmp_path_factory.mktemp("four")
    for number, project in enumerate(PROJECTS):
        for flow in ("a", "b", "c"):
            write_flow(
                root / f"orgs/acme/domains/d{number % 2}/projects/{project}/flows/prep/{project}{flow}"
            )
    write_naming(root)
    yield from served(root)


@pytest.mark.parametrize("seed", range(KILLS))
def test_after_a_kill_adoption_and_a_deployment_complete_everything(four: Mesh, seed: int) -> None:
    """Odd seeds kill one Terraform, even ones the whole command with everything below it."""
    chance = random.Random(seed)
    process = four.start("deploy", "--auto-approve", "--parallelism", "4")
    with suppress(subprocess.TimeoutExpired):
        process.wait(chance.uniform(1, LONGEST))
    _kill(process, one_terraform=seed % 2 == 1, chance=chance)
    process.communicate(timeout=SOON)
    before = settled(four)

    adopted = four.run("adopt", "--auto-approve")
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert four.jobs() == before
    assert _jobs_in_states(four) == _jobs(four)
    deployed = four.run("deploy", "--auto-approve")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    again = four.run("deploy", "--auto-approve")
    assert "Nothing to change: 5 stacks up to date" in again.stdout, again.stdout + again.stderr
    expected = sorted(f"{project}{flow}" for project in PROJECTS for flow in "abc")
    assert [name.rpartition("_")[2] for name in four.jobs()] == expected
    assert _jobs_in_states(four) == _jobs(four)

    destroyed = four.run("destroy", "--auto-approve")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    assert four.jobs() == []
    assert four.in_state() == set()


def _jobs(mesh: Mesh) -> list[str]:
    return sorted(str(job.job_id) for job in mesh.client.jobs.list())


def _jobs_in_states(mesh: Mesh) -> list[str]:
    return sorted(id for kind, id in mesh.in_state() if kind == "databricks_job")


def _kill(process: subprocess.Popen[str], *, one_terraform: bool, chance: random.Random) -> None:
    if process.poll() is not None:
        return
    whole = psutil.Process(process.pid)
    below = whole.children(recursive=True)
    terraforms = [one for one in below if _name(one) == "terraform"]
    victims = [*below, whole]
    if one_terraform:
        victims = [chance.choice(terraforms)] if terraforms else []
    for one in victims:
        with suppress(psutil.NoSuchProcess):
            one.kill()


def _name(process: psutil.Process) -> str:
    try:
        return Path(process.name()).name
    except psutil.Error:
        return ""
