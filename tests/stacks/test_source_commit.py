"""Commits that do not change the stacks, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mesh.git.checkout import read_git
from mesh.load import load
from tests.support.git_repository import Repository
from tests.support.synthesis import synthesized

ROOT = Path(__file__).resolve().parents[2]
ACME = "orgs/acme"
TRANSPORT = f"{ACME}/domains/transport"
TAXINYC = f"{TRANSPORT}/projects/taxinyc"
LEDGER = f"{ACME}/domains/finance/projects/ledger"
NOTEBOOK = "# Databricks notebook source\n"
FILES = {
    "README.md": "1",
    ".gitignore": "/out/\n",
    "tests/test_revenue.py": "1",
    f"{ACME}/org.yml": "environments:\n"
    "  dev: {}\n"
    "  prod: {branch: main, run_as: {service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}\n",
    f"{TRANSPORT}/domain.yml": "code: [libs/]\n",
    f"{TRANSPORT}/libs/fares.py": "1",
    **{
        f"{project}/flows/prep/{flow}/{name}": text
        for project, flow in ((TAXINYC, "revenue"), (LEDGER, "balance"))
        for name, text in (
            ("deployment.yml", "tasks: [{task_key: a, serverless: true}]\n"),
            ("a.py", NOTEBOOK),
        )
    },
}
ELSEWHERE: tuple[Mapping[str, str], ...] = (
    {f"{LEDGER}/flows/prep/balance/a.py": f"{NOTEBOOK}print(2)\n"},
    {f"{LEDGER}/project.yml": "description: Where everything ends up\n"},
    {"README.md": "2", f"{TRANSPORT}/README.md": "2"},
    {"tests/test_revenue.py": "2"},
)
GIT_URL = {"MESH_GIT_URL": "https://github.com/acme/mesh"}
Stacks = Mapping[str, str]


def synthesize(repository: Repository, env: str) -> Stacks:
    """Returns all stacks; only git provides the commit."""
    deployed = load(repository.path).in_environment(env, read_git(repository.path, GIT_URL))
    return synthesized(deployed, repository.path)


def run_main(repository: Repository, env: str) -> None:
    """Runs main.py as cdktf does."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("MESH_", "GIT_"))}
    environ |= {**GIT_URL, "MESH_ENV": env, "MESH_ROOT": str(repository.path)}
    environ |= {"CDKTF_OUTDIR": str(repository.path / "out")}
    command = [sys.executable, "-O", str(ROOT / "main.py")]
    subprocess.run(command, cwd=repository.path, env=environ, check=True, capture_output=True, text=True)


def only(stacks: Stacks, project: str) -> tuple[str, str]:
    """The only stack of a project: its name and its text."""
    [found] = [(name, text) for name, text in stacks.items() if name.startswith(project)]
    return found


def pushed(repository: Repository, files: Mapping[str, str]) -> str:
    """Commits files, and pushes them to the repository that jobs would clone."""
    commit = repository.commit(files)
    repository.git("push", "-q", "origin", "main")
    return commit


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A checkout of `main`, with a bare `origin` that has it."""
    one = Repository.new(tmp_path / "mesh", FILES)
    one.git("init", "-q", "--bare", str(tmp_path / "origin.git"))
    one.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    one.git("push", "-q", "origin", "main")
    return one


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_only_commits_of_a_stack_s_inputs_change_the_stack(repository: Repository, env: str) -> None:
    """A library of its domain is an input; another project, the README and tests are not."""
    first = repository.head
    before = synthesize(repository, env)
    for files in ELSEWHERE:
        pushed(repository, files)
    after = synthesize(repository, env)
    assert only(after, "acme-transport-taxinyc") == only(before, "acme-transport-taxinyc")
    assert only(after, "acme-finance-ledger") != only(before, "acme-finance-ledger")
    changed = pushed(repository, {f"{TRANSPORT}/libs/fares.py": "2"})
    last = synthesize(repository, env)
    assert only(last, "acme-finance-ledger") == only(after, "acme-finance-ledger")
    assert only(last, "acme-foundation") == only(after, "acme-foundation") == only(before, "acme-foundation")
    assert f'"{first}"' in only(before, "acme-transport-taxinyc")[1]
    assert f'"{changed}"' in only(last, "acme-transport-taxinyc")[1]


def test_main_refuses_production_from_a_checkout_not_ready_to_deploy(repository: Repository) -> None:
    """`npx cdktf deploy` has no other checks; main writes nothing and reports every reason."""
    repository.commit({"README.md": "2"})
    repository.write({"new.py": "1"})
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run_main(repository, "prod")
    assert refused.value.returncode == 3
    assert "`new.py` not committed" in refused.value.stderr
    assert f"commit `{repository.head[:8]}` is not on branch `main` of `origin`" in refused.value.stderr
    assert not (repository.path / "out").exists()
