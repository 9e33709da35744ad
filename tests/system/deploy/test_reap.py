"""Stale deployments are destroyed, each through its state; other objects stay."""

from __future__ import annotations

from shutil import rmtree

from tests.system.deploy.conftest import OLA, PROJECT, Mesh, write_flow

KARI = "kari.nordmann@acme.example"
GONE = PROJECT.replace("many", "gone")


def test_only_stale_deployments_are_destroyed_through_their_states(small_mesh: Mesh) -> None:
    """Ola's deployment stays while this checkout deploys it.

    Kari's and that of a removed project are destroyed.
    """
    mesh = small_mesh
    write_flow(mesh.root / GONE / "flows/prep/old")
    _deployed(mesh, KARI)
    ola = _deployed(mesh, OLA)
    rmtree(mesh.root / GONE)
    # called as Kari's are, but nobody's deployment; and one that says it is hers, and is not in her state
    mesh.client.schemas.create("local_karinordmann_byhand", "acme")
    key = f"acme/transport/many/local/{KARI}"
    mesh.client.schemas.create("lookalike", "acme", properties={"datamesh.deployment": key})
    mesh.client.schemas.create("hostile", "acme", properties={"datamesh.deployment": f"{key}/../x"})
    shared = [f"acme/transport/many/{env}" for env in ("local", "prod")]
    for number, one in enumerate(shared):
        mesh.client.schemas.create(f"shared{number}", "acme", properties={"datamesh.deployment": one})
    before = mesh.schemas(), mesh.jobs()
    fresh = mesh.run("reap", "--older-than", "1d", "--auto-approve", **ola)
    assert "Nothing is stale" in fresh.stdout, fresh.stdout + fresh.stderr

    listed = mesh.run("reap", "--older-than", "0h", "--user", KARI, "--dry-run", **ola)

    assert listed.returncode == 0, listed.stdout + listed.stderr
    keys = [line.removeprefix("stale: ") for line in listed.stdout.splitlines() if line.startswith("stale: ")]
    assert sorted(keys) == [f"acme/transport/gone/local/{KARI}", key]
    assert "6 schemas, 6 jobs" in listed.stdout
    assert (mesh.schemas(), mesh.jobs()) == before
    asked = mesh.run("reap", "--older-than", "0h", **ola)
    assert asked.returncode == 2
    assert "no terminal to confirm on: run `mesh reap --dry-run` first" in asked.stderr

    rest = mesh.run("reap", "--older-than", "0h", "--auto-approve", **ola)

    assert rest.returncode == 0, rest.stdout + rest.stderr
    assert "Destroyed 3 deployments." in rest.stdout
    left = [f"local_olanordmann_flow{number:02}" for number in range(6)]
    assert mesh.jobs() == left
    others = ["hostile", "lookalike", "local_karinordmann_byhand", "shared0", "shared1"]
    assert mesh.schemas() == sorted([*left, *others])
    again = mesh.run("reap", "--older-than", "0h", "--auto-approve", **ola)
    assert "Nothing is stale" in again.stdout, again.stdout + again.stderr
    assert f"skipped: {key}: its state is not in this backend" in again.stdout
    assert not (mesh.root / ".mesh/reap").exists()


def _deployed(mesh: Mesh, user: str) -> dict[str, str]:
    """Deploys all stacks as this user; returns the user's variables."""
    identity = mesh.become(user)
    projects = (f"acme-transport-{name}-local-{user}" for name in ("gone", "many"))
    for terraform in mesh.terraform("acme-foundation-local", *projects, **identity):
        assert terraform.plan().error is None
        terraform.apply()
    return identity
