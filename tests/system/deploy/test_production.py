"""Production on the local workspace: deployment checks, and data of a renamed flow."""

from __future__ import annotations

import subprocess

import pytest
from databricks.sdk.errors import NotFound

from tests.system.deploy.conftest import FEW, OLA, PROJECT, Mesh

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
    """A mesh with production, in a repository with a remote and without a commit."""
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


def test_production_needs_a_pushed_commit_and_keeps_the_data_of_a_renamed_flow(
    production: Mesh,
) -> None:
    """Refused, deployed, renamed without `renamed_from`, and renamed with it."""
    mesh = production
    git(mesh, "commit", "-q", "--allow-empty", "-m", "begin")
    refused = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert "this checkout cannot be deployed to production" in refused.stderr
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
    assert (
        "git sees prep/flow00/… renamed to prep/renamed/… (100 % alike, with the same tasks): add `renamed_from: flow00`"
    ) in refused.stderr
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
    assert "Nothing to change: 2 stacks up to date" in again.stdout, again.stdout + again.stderr

    _refuses_another_template(mesh)
    _keeps_the_data_of_a_renamed_project(mesh)
    assert mesh.client.schemas.get("acme.flow00").created_at == made.created_at


def _refuses_another_template(mesh: Mesh) -> None:
    """The message lists all data that would be lost, with its contents, before any change."""
    config = mesh.root / ".brickopscfg" / "config.yml"
    usual = config.read_text()
    config.write_text(usual.replace('db: {prod: "{db}"', 'db: {prod: "new_{db}"'))
    push(mesh, "another template")
    refused = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    names = {f"prep_flow{number:02}": f"flow{number:02}" for number in range(1, FEW)} | {
        "prep_renamed": "flow00"
    }
    assert refused.stderr == "\n".join(
        [
            "Error: this would lose data:",
            *(
                f"  schema `acme.{name}` (empty) would be destroyed and recreated "
                f"(acme-transport-many-prod: databricks_schema.{id})"
                for id, name in names.items()
            ),
            "nothing was changed; to keep it:",
            "  restore the folder or the template in `.brickopscfg/config.yml` that its name comes from",
            "to lose it on purpose, drop it in the workspace first",
            "",
        ]
    )
    config.write_text(usual)
    push(mesh, "the usual template")


def _keeps_the_data_of_a_renamed_project(mesh: Mesh) -> None:
    """The message has the line that keeps the data; with that line the deployment is the same."""
    project = mesh.root / PROJECT
    renamed = project.with_name("lots")
    before = (mesh.jobs(), mesh.schemas(), mesh.in_state())
    project.rename(renamed)
    push(mesh, "renamed project")
    refused = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    file = renamed.relative_to(mesh.root) / "project.yml"
    assert (
        "schema `acme.flow01` belongs to deployment acme/transport/many/prod; this deployment, acme/transport/lots/prod, "
        "uses the same name (if the project was renamed, set `renamed_from: many` in its project.yml; "
        "if it was not, set different names in `.brickopscfg/config.yml`)"
    ) in refused.stderr
    assert (mesh.jobs(), mesh.schemas(), mesh.in_state()) == before
    (mesh.root / file).write_text("renamed_from: many\n")
    push(mesh, "renamed project from")
    kept = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert (mesh.jobs(), mesh.schemas()) == before[:2]


def test_a_deployment_with_the_names_of_another_user_is_refused(small_mesh: Mesh) -> None:
    """The logged-in user is checked before any change."""
    refused = small_mesh.run("deploy", "--auto-approve", MESH_USER="kari@acme.example")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert (
        f"names are generated for kari@acme.example, but {OLA} is logged in: set MESH_USER={OLA}"
        in refused.stderr
    )
    assert "acme" not in {catalog.name for catalog in small_mesh.client.catalogs.list()}


def test_another_folder_moves_the_files_before_the_old_ones_are_removed(production: Mesh) -> None:
    """First to a declared folder, then to the home of the service principal; the next plan is empty."""
    mesh = production
    org = mesh.root / "orgs/acme/org.yml"
    org.write_text(ORG.replace("}}\n", "}, folder: /Deployments/mesh}\n"))
    push(mesh, "the mesh")
    deployed = mesh.run("deploy", "--auto-approve", "--env", "prod")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    path = f"acme-transport-many-prod/{PROJECT}/flows/prep/flow00/a"
    assert notebook(mesh, "flow00") == f"/Deployments/mesh/{path}"
    ids = {job.job_id for job in mesh.client.jobs.list()}

    org.write_text(ORG)
    push(mesh, "no folder")
    plans = str(mesh.root / ".mesh" / "plans")
    planned = mesh.run("plan", "--env", "prod", "--out", plans)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    reviewed = mesh.run("review", plans, "--format", "json")
    assert reviewed.returncode == 0, reviewed.stdout + reviewed.stderr
    assert f"will move from `/Deployments` to `/Users/{RUN_AS}` in the workspace" in reviewed.stdout
    moved = mesh.run("apply", plans, "--env", "prod", "--auto-approve")
    assert moved.returncode == 0, moved.stdout + moved.stderr

    assert notebook(mesh, "flow00") == f"/Users/{RUN_AS}/mesh/{path}"
    assert mesh.client.workspace.get_status(f"/Users/{RUN_AS}/mesh/{path}").path
    with pytest.raises(NotFound):
        mesh.client.workspace.get_status(f"/Deployments/mesh/{path}")
    assert {job.job_id for job in mesh.client.jobs.list()} == ids
    again = mesh.run("plan", "--env", "prod", "--out", plans)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "no project changes" in mesh.run("review", plans).stdout


def notebook(mesh: Mesh, name: str) -> str:
    """The path of the notebook that a job runs."""
    [id] = [job.job_id or 0 for job in mesh.client.jobs.list() if job.settings and job.settings.name == name]
    settings = mesh.client.jobs.get(id).settings
    assert settings is not None
    [task] = settings.tasks or []
    assert task.notebook_task is not None
    return task.notebook_task.notebook_path
