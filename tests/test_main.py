"""main.py synthesizes one environment, or reports every error and writes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git_repository import Repository

ROOT = Path(__file__).resolve().parents[1]


def run(mesh: Path, out: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs main.py on a mesh."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MESH_")}
    variables = {"MESH_ROOT": str(mesh), "CDKTF_OUTDIR": str(out), **environ}
    command = [sys.executable, "-O", "main.py"]
    return subprocess.run(
        command, cwd=ROOT, env=inherited | variables, capture_output=True, text=True, check=False
    )


def test_errors_are_reported_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "orgs" / "acme").mkdir(parents=True)
    (tmp_path / "orgs" / "acme" / "org.yml").write_text("descripton: x\n")

    done = run(tmp_path, tmp_path / "out", MESH_ENV="local")

    assert done.returncode == 1
    assert done.stderr.startswith("orgs/acme/org.yml:1:1: unknown field `descripton`")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_mesh_is_wrong_usage(tmp_path: Path) -> None:
    done = run(tmp_path, tmp_path / "out")

    assert done.returncode == 2
    assert "has neither orgs/ nor domains/" in done.stderr


FLOW = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
MESH = {
    ".gitignore": "/out/\n",
    ".brickopscfg/config.yml": "naming: {db: {prod: '{db}', other: '{env}_{username}_{db}'}}\n",
    "orgs/acme/org.yml": "groups: {analysts: {make: true}}\n"
    "environments:\n"
    "  dev: {workspace: 'https://a.example'}\n"
    "  prod: {workspace: 'https://a.example', branch: main, run_as: "
    "{service_principal_name: 7f1c0d6e-0000-4000-8000-000000000001}}\n",
    f"{FLOW}/deployment.yml": "schedule: {quartz_cron_expression: 0 0 5 * * ?, timezone_id: UTC}\n"
    "tasks: [{task_key: a, serverless: true}]\n",
    f"{FLOW}/a.py": "# Databricks notebook source\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A mesh whose development shares metastore and workspace with production; `main` is pushed."""
    one = Repository.new(tmp_path / "mesh", MESH)
    one.git("clone", "-q", "--bare", str(one.path), str(tmp_path / "origin.git"))
    one.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    one.git("fetch", "-q")
    return one


def stacks(repository: Repository, **environ: str) -> dict[str, str]:
    """The text of each stack in development."""
    out = repository.path / "out"
    done = run(repository.path, out, MESH_ENV="dev", MESH_USER="ola@acme.example", **environ)
    assert done.returncode == 0, done.stderr
    return {path.parent.name: path.read_text() for path in out.glob("stacks/*/cdk.tf.json")}


def test_development_may_not_deploy_the_foundations_of_production_from_another_branch(
    repository: Repository,
) -> None:
    """Its projects may be deployed, and everything may be planned."""
    usual = stacks(repository)
    assert not any("may_be_deployed" in text for text in usual.values())

    repository.git("switch", "-q", "-c", "feature/tips")
    deployed = stacks(repository)
    refused = {name: text for name, text in deployed.items() if "may_be_deployed" in text}
    assert sorted(refused) == ["acme-foundation-main", "acme-workspace-dev"]
    for name, text in refused.items():
        assert "only branch `main` may be deployed, but this is `feature/tips`" in text
        assert f"run `mesh deploy --env prod {name}` there" in text

    planned = stacks(repository, MESH_PLAN_ONLY="1")
    assert {name: planned[name] for name in refused} == {name: usual[name] for name in refused}
