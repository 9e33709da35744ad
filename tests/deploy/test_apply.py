"""Plans are kept as files for people who read them elsewhere, and applied as they were reviewed, or not at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.deploy.conftest import OLA, PROJECT, Mesh, served, write_flow
from tests.git_repository import Repository

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
    """From the first plan over a failure half way to the last, with a project that goes."""
    mesh, work = repository
    out = mesh.root / "plans"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        import time

        t = time.time()
        done = mesh.run(*arguments, "--env", "prod")
        print("$ mesh", *arguments, done.returncode, time.time() - t, done.stdout, done.stderr, sep="\n")
        return done

    push(work, second="tasks: [{task_key: a, existing_cluster_name: nowhere}]")

    # a plan that fails is a file of its own, and keeps all others from being applied
    planned = run("plan", "--out", str(out))
    assert planned.returncode == 3
    assert f"1 of 5 stacks could not be planned; why stands in {out}/{stack('second')}.err" in planned.stderr
    assert "nowhere" in (out / f"{stack('second')}.err").read_text()
    created = json.loads((out / f"{stack('first')}.json").read_text())["resource_changes"]
    assert [one["type"] for one in created].count("databricks_job") == 2
    assert {file.stat().st_mode & 0o777 for file in out.glob("acme*")} == {0o600}
    refused = run("apply", str(out), "--auto-approve")
    assert refused.returncode == 3
    assert f"{stack('second')}: it could not be planned; why stands in {out}" in refused.stderr
    assert mesh.jobs() == []

    push(work, second=RUNS)
    assert run("plan", "--out", str(out), "transport/second").returncode == 0
    applied = run("apply", str(out), "--auto-approve")
    assert applied.returncode == 0, applied.stderr
    assert mesh.jobs() == ["first_one", "first_two", "old_one", "second_one", "third_one"]
    assert not list(out.glob("acme*"))

    base = work.head
    rmtree(work.path / project("old"))
    rmtree(work.path / project("first") / "flows/prep/two")
    push(work, first=RUNS, second=RUNS_FIRST, third=RUNS)
    assert run("plan", "--out", str(out), "--base", base).returncode == 0

    # what counts is Terraform's own plan, whatever is written beside it
    for file in out.glob("*.json"):
        file.write_text(json.dumps({"resource_changes": []}))
    refused = run("apply", str(out), "--auto-approve")
    assert refused.returncode == 4
    print(sorted(p.name for p in out.iterdir()))

    # somebody has removed a job since; another machine, at another commit
    job = next(one for one in mesh.client.jobs.list() if one.settings and one.settings.name == "first_one")
    mesh.client.jobs.delete(job.job_id or 0)
    rmtree(mesh.root / ".mesh/cdktf.out")
    work.commit({"README.md": "changed"})
    work.git("push", "-q", "origin", "HEAD:main")
    failed = run("apply", str(out), "--auto-approve", "--approved", "data-loss")
    assert failed.returncode == 3
    print(mesh.jobs(), mesh.schemas())
    print(sorted(p.name for p in out.iterdir()))

    push(work, second=RUNS_FIRST + "\nmax_concurrent_runs: 3")
    run("apply", str(out), "--auto-approve", "--approved", "data-loss")
    run("plan", "--out", str(out), "transport/first", "transport/second")
    run("apply", str(out), "--auto-approve", "--approved", "data-loss")
    print(mesh.jobs(), mesh.schemas())
    print(list((mesh.root / ".mesh").rglob("gone/*")))
    assert 0
