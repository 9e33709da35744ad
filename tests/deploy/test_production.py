"""Production, rehearsed on the local workspace: who may deploy it, and what a renamed flow keeps."""

from __future__ import annotations

import subprocess

import pytest

from tests.deploy.conftest import OLA, Mesh

RUN_AS = "7f1c0d6e-0000-4000-8000-000000000001"
ORG = (
    "environments:\n"
    "  prod: {workspace: local, mode: production, branch: main, "
    f"run_as: {{service_principal_name: {RUN_AS}}}}}\n"
)


def git(mesh: Mesh, *arguments: str) -> None:
    """Run git in the mesh's repository."""
    identity = ["-c", "user.email=ola@acme.example", "-c", "user.name=Ola"]
    subprocess.run(
        ["git", "-C", str(mesh.root), *identity, *arguments], check=True, capture_output=True, text=True
    )


@pytest.fixture
def production(small_mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> Mesh:
    """A mesh with production, in a repository with a remote, where nothing is committed yet."""
    (small_mesh.root / "orgs/acme/org.yml").write_text(ORG)
    remote = tmp_path_factory.mktemp("remote")
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    git(small_mesh, "init", "-q", "-b", "main")
    git(small_mesh, "remote", "add", "origin", str(remote))
    return small_mesh


def push(mesh: Mesh, message: str) -> None:
    """Commit and push everything."""
    git(mesh, "add", "-A")
    git(mesh, "commit", "-q", "-m", message)
    git(mesh, "push", "-q", "origin", "main")


def test_production_is_deployed_from_what_is_pushed_and_keeps_the_data_of_a_renamed_flow(
    production: Mesh,
) -> None:
    """Refused, deployed, renamed without a word, and renamed with one."""
    mesh = production
    git(mesh, "commit", "-q", "--allow-empty", "-m", "begin")
    refused = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert "this checkout is not deployed to production" in refused.stderr
    assert "the working tree is not clean" in refused.stderr
    assert mesh.jobs() == mesh.schemas() == []

    push(mesh, "the mesh")
    deployed = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    made = mesh.client.schemas.get("acme.flow00")
    job = next(one for one in mesh.client.jobs.list() if one.settings and one.settings.name == "flow00")
    assert mesh.client.jobs.get(job.job_id or 0).run_as_user_name == RUN_AS

    flows = mesh.root / "orgs/acme/domains/transport/projects/many/flows/prep"
    (flows / "flow00").rename(flows / "renamed")
    push(mesh, "renamed")
    before = (mesh.jobs(), mesh.schemas())
    refused = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert "schema `acme.flow00`" in refused.stderr
    assert "renamed_from: flow00" in refused.stderr
    assert (mesh.jobs(), mesh.schemas()) == before

    deployment = flows / "renamed" / "deployment.yml"
    deployment.write_text("renamed_from: flow00\n" + deployment.read_text())
    push(mesh, "renamed from")
    kept = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert mesh.client.schemas.get("acme.flow00").created_at == made.created_at
    after = mesh.client.jobs.get(job.job_id or 0)
    assert after.settings is not None
    assert after.settings.name == "renamed"
    again = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert again.stdout.count("No changes.") == 2, again.stdout + again.stderr


def test_nobody_deploys_names_that_are_made_for_somebody_else(small_mesh: Mesh) -> None:
    """Who is logged in is asked before anything is changed."""
    refused = small_mesh.run("deploy", "--auto-approve", MESH_USER="kari@acme.example")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert f"names are made for kari@acme.example, but {OLA} deploys: set MESH_USER={OLA}" in refused.stderr
    assert "acme" not in {catalog.name for catalog in small_mesh.client.catalogs.list()}
