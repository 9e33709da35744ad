"""What a change affects is planned and deployed in one go, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.support.git_repository import Repository
from tests.system.deploy.conftest import OLA, PROJECT, Mesh, served, write_flow

FILES = {
    ".gitignore": ".mesh/\nplans/\n",
    "orgs/acme/org.yml": "environments: {test: {workspace: local, metastore: main}}\n",
    ".brickopscfg/config.yml": (
        "naming:\n"
        '  job: {other: "{project}_{flow}"}\n'
        '  pipeline: {other: "{project}_{flow}"}\n'
        '  catalog: {other: "{org}"}\n'
        '  db: {other: "{project}_{db}"}\n'
    ),
}


def project(name: str) -> str:
    """A project's folder."""
    return PROJECT.replace("many", name)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[Mesh, Repository]]:
    """Three projects, in a repository."""
    repository = Repository.new(tmp_path / "mesh", FILES)
    repository.git("config", "user.email", OLA)
    for name in ("first", "second", "old"):
        write_flow(repository.path / project(name) / "flows/prep/one")
    repository.commit()
    for mesh in served(repository.path):
        yield mesh, repository


def test_only_what_is_affected_is_planned_and_deployed(repository: tuple[Mesh, Repository]) -> None:
    mesh, work = repository

    def run(*arguments: str) -> str:
        done = mesh.run(*arguments, "--env", "test")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("deploy", "--auto-approve")
    base = work.head
    rmtree(work.path / project("old"))
    file = work.path / project("first") / "flows/prep/one/deployment.yml"
    file.write_text("tasks: [{task_key: a, serverless: true}]\nmax_concurrent_runs: 2\n")
    work.commit()

    run("plan", "--affected", "--base", base, "--out", str(mesh.root / "plans"))
    deployed = run("deploy", "--affected", "--base", base, "--auto-approve")

    planned = {one.name for one in (mesh.root / "plans").glob("*.json")}
    assert planned == {"acme-transport-first-test.json", "acme-transport-old-test.json"}
    assert (
        f"removed: acme-transport-old-test is not destroyed (`mesh plan acme-transport-old-test --base {base}`"
        in deployed
    )
    assert "Deployed 1 stack in" in deployed
    assert mesh.jobs() == ["first_one", "old_one", "second_one"]
