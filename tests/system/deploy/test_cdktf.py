"""The toolkit's program deploys the stacks without `mesh`: `MESH_ENV=local npx cdktf deploy <stack>`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mesh.toolkit import toolkit
from tests.support.git_repository import Repository
from tests.system.deploy.conftest import FEW, MAIN, OLA, SOON, Mesh

RUN_AS = "7f1c0d6e-0000-4000-8000-000000000001"
FOUNDATION = "acme-foundation-local"
ALONE = "--ignore-missing-stack-dependencies"  # without the stacks that it depends on, or that depend on it
PROJECT = f"acme-transport-many-local-{OLA}"


def cdktf(mesh: Mesh, verb: str, *arguments: str) -> tuple[int, str]:
    """Runs the program as a person would in this checkout; its exit code and everything that it prints."""
    approval = [] if verb == "diff" else ["--auto-approve"]
    command = [*toolkit().command, verb, *arguments, *approval, "--skip-provider-lock"]
    done = subprocess.run(
        [*command, "--output", str(mesh.output)],
        cwd=MAIN.parent,
        env=mesh.without_mesh(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SOON,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_project_and_its_foundation_are_deployed_compared_and_destroyed(small_mesh: Mesh) -> None:
    """It orders the stacks: the catalog is created before the schemas, and destroyed after them.

    Grants on a table that no job has created yet are left out.
    """
    mesh = small_mesh
    flow = next(mesh.root.rglob("deployment.yml"))
    tables = "tables: {trips: {grants: [{principal: auditors, role: reader}]}}\n"
    flow.write_text(tables + flow.read_text())
    code, output = cdktf(mesh, "deploy", PROJECT, FOUNDATION)
    assert code == 0, output
    assert len(mesh.jobs()) == len(mesh.schemas()) == FEW
    held = mesh.in_state()
    assert {type for type, _ in held} >= {"databricks_catalog", "databricks_schema", "databricks_job"}

    for stack in (FOUNDATION, PROJECT):
        code, output = cdktf(mesh, "diff", stack)
        assert code == 0, output
        assert "No changes." in output

    code, output = cdktf(mesh, "destroy", PROJECT, FOUNDATION)
    assert code == 0, output
    assert mesh.jobs() == mesh.schemas() == []
    assert not mesh.has_catalog()
    assert mesh.in_state() == set()


@pytest.fixture
def shared(small_mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The mesh in a repository with a remote; production shares the foundation, which `main` has deployed."""
    repository = Repository(small_mesh.root)
    repository.git("init", "-q", "-b", "main")
    for key, value in (("user.email", OLA), ("user.name", "Ola")):
        repository.git("config", key, value)
    production = f"{{workspace: local, branch: main, run_as: {{service_principal_name: {RUN_AS}}}}}"
    repository.commit({"orgs/acme/org.yml": f"environments: {{prod: {production}}}\n"})
    origin: Path = tmp_path_factory.mktemp("remote") / "origin.git"
    repository.git("clone", "-q", "--bare", str(repository.path), str(origin))
    repository.git("remote", "add", "origin", str(origin))
    repository.git("fetch", "-q")
    code, output = cdktf(small_mesh, "deploy", FOUNDATION)
    assert code == 0, output
    return repository


def test_from_another_branch_the_project_is_deployed_and_the_foundation_of_production_is_not(
    small_mesh: Mesh, shared: Repository
) -> None:
    """Terraform refuses it; nobody destroys its catalog, not even from the branch of production."""
    before = small_mesh.in_state()
    shared.git("switch", "-q", "-c", "feature/tips")
    for verb in ("deploy", "destroy"):
        code, output = cdktf(small_mesh, verb, FOUNDATION, ALONE)
        assert code != 0, output
        assert "this checkout may not deploy the stack" in output
        assert "only branch `main` may be deployed, but this is `feature/tips`" in output
    assert small_mesh.in_state() == before

    code, output = cdktf(small_mesh, "deploy", PROJECT, ALONE)
    assert code == 0, output
    assert len(small_mesh.jobs()) == FEW

    shared.git("switch", "-q", "main")
    code, output = cdktf(small_mesh, "destroy", FOUNDATION, ALONE)
    assert code != 0, output
    assert "prevent_destroy" in output
    assert small_mesh.has_catalog()
