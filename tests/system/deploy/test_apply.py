"""Saved plans: applied exactly as reviewed, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.support.git_repository import Repository
from tests.system.deploy.conftest import OLA, PROJECT, Mesh, served, write_flow

RUN_AS = "7f1c0d6e-0000-4000-8000-000000000001"
FILES = {
    ".gitignore": ".mesh/\n",
    "review.yml": "rules: {run-as: ignore}\n",
    "orgs/acme/org.yml": (
        "environments:\n"
        "  prod: {workspace: local, mode: production, branch: main, metastore: main, "
        f"run_as: {{service_principal_name: {RUN_AS}}}}}\n"
    ),
    ".brickopscfg/config.yml": (
        "naming:\n"
        '  job: {prod: "{project}_{flow}", other: "{flow}"}\n'
        '  catalog: {prod: "{org}", other: "{org}"}\n'
        '  db: {prod: "{project}_{db}", other: "{db}"}\n'
    ),
}
FOUNDATION = "acme-foundation-main"


def project(name: str) -> str:
    """A project's folder."""
    return PROJECT.replace("many", name)


def stack(name: str) -> str:
    """A project's stack."""
    return f"acme-transport-{name}-prod"


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[Mesh, Repository]]:
    """Four projects, of which `second` runs a job of `first`, in a repository with a remote."""
    remote = Repository.new(tmp_path / "remote", {"README.md": ""})
    repository = remote.clone(tmp_path / "mesh")
    remote.git("switch", "-q", "--detach")
    repository.git("config", "user.email", OLA)
    repository.git("config", "user.name", "Ola")
    repository.write(FILES)
    for name in ("first", "second", "third", "old"):
        write_flow(repository.path / project(name) / "flows/prep/one")
    write_flow(repository.path / project("first") / "flows/prep/two")
    for mesh in served(repository.path):
        yield mesh, repository


def push(repository: Repository, **settings: str) -> None:
    """Change the flows of projects, commit and push."""
    for name, said in settings.items():
        file = repository.path / project(name) / "flows/prep/one/deployment.yml"
        file.write_text(f"{said}\n")
    repository.commit()
    repository.git("push", "-q", "origin", "HEAD:main")


RUNS = "tasks: [{task_key: a, serverless: true}]\nmax_concurrent_runs: 2"
RUNS_FIRST = "tasks: [{task_key: b, run_job_task: {flow: transport/first/prep/one}}]"


def test_plans_are_applied_as_they_were_reviewed(repository: tuple[Mesh, Repository]) -> None:
    """Covers the first plan, a failure during apply, and a removed project."""
    mesh, work = repository
    out = mesh.root / "plans"

    def run(*arguments: str, code: int = 0) -> str:
        done = mesh.run(*arguments, "--env", "prod")
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def apply(*options: str, code: int = 0) -> str:
        return run("apply", str(out), "--auto-approve", *options, code=code)

    # a failed plan has a separate file; the other stacks are planned
    push(work, second="tasks: [{task_key: a, existing_cluster_name: nowhere}]")
    failed = run("plan", "--out", str(out), code=3)
    assert f"1 of 5 stacks could not be planned, see {out}/{stack('second')}.err" in failed
    assert "nowhere" in (out / f"{stack('second')}.err").read_text()
    created = json.loads((out / f"{stack('first')}.json").read_text())["resource_changes"]
    assert [one["type"] for one in created].count("databricks_job") == 2
    assert mesh.jobs() == []

    # the first deployment
    push(work, second=RUNS)
    run("plan", "--out", str(out), "transport/second")
    assert apply().endswith("Applied 5 plans.\n")
    assert mesh.jobs() == ["first_one", "first_two", "old_one", "second_one", "third_one"]
    assert list(out.glob("acme*")) == []

    # a project is removed; apply reads Terraform's plan, not the text beside it
    base = work.head
    rmtree(work.path / project("old"))
    push(work, first=RUNS, second=RUNS_FIRST, third=RUNS)
    run("plan", "--out", str(out), "--base", base)
    for file in out.glob("*.json"):
        file.write_text('{"resource_changes": []}')
    refused = apply(code=4)
    assert "acme/transport/old · removed from the mesh  0 to add, 0 to change, 5 to destroy" in refused
    assert (
        "to keep it: if the project was renamed, set renamed_from: transport/old in the new project's "
        f"project.yml; if it shall stay, restore {project('old')}" in refused
    )
    assert "refused data-loss in prod: schema acme.old_one will be destroyed" in refused
    assert "acme.old_one" in {f"acme.{name}" for name in mesh.schemas()}

    # somebody has removed a job since; on another machine, at a commit that changes no project
    [job] = [one for one in mesh.client.jobs.list() if one.settings and one.settings.name == "first_two"]
    mesh.client.jobs.delete(job.job_id or 0)
    rmtree(mesh.root / ".mesh/cdktf.out")
    work.commit({"README.md": "changed"})
    push(work)
    told = apply("--approved", "data-loss", code=3)
    assert [line for line in told.splitlines() if line.startswith("  ") and "applied: " in line] == [
        f"  applied: {stack('old')}",
        f"  applied: {stack('third')}",
        f"  not applied: {stack('second')}: it needs {stack('first')}",
    ]
    assert f"  failed: {stack('first')}: terraform apply of {stack('first')} failed:" in told
    assert mesh.schemas() == ["first_one", "first_two", "second_one", "third_one"]
    assert mesh.jobs() == ["first_one", "second_one", "third_one"]
    assert not [*(mesh.root / ".mesh").glob("gone*")]

    # changed stacks are planned again; the same folder applies the rest
    push(work, second=f"{RUNS_FIRST}\nmax_concurrent_runs: 3")
    refused = apply(code=3)
    assert f"{stack('first')}: the stack was deployed after it was planned at" in refused
    assert f"{stack('second')}: planned at" in refused
    run("plan", "--out", str(out), "transport/first", "transport/second")
    apply()
    assert mesh.jobs() == ["first_one", "first_two", "second_one", "third_one"]
