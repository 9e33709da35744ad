"""A deployment is pinned to a commit that holds all that its jobs run, as it is at HEAD."""

from __future__ import annotations

import subprocess
from pathlib import Path

from mesh import load
from mesh.git import GitContext, read_git

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
NOTEBOOK = "# Databricks notebook source\n"


def commit(root: Path, files: dict[str, str]) -> str:
    """Write files, commit them, and return the commit."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    identity = ["-c", "user.name=Ola", "-c", "user.email=ola@acme.example"]
    for arguments in (["add", "-A"], [*identity, "commit", "-q", "-m", "change"]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True)
    done = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def pinned(root: Path) -> str:
    """The commit that the deployed job checks out."""
    context: GitContext = read_git(
        root, {"MESH_GIT_URL": "https://github.com/acme/mesh", "MESH_USER": "ola@acme.example"}
    )
    job = load(root).in_environment("prod", context).flow("prep/revenue").job
    assert job is not None
    return str(job.settings["git_source"]["git_commit"])


def test_a_notebook_outside_the_project_counts_as_an_input(tmp_path: Path) -> None:
    """Its change is a change of the project that runs it; a change of its neighbour is not."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    task = "{task_key: a, serverless: true, notebook_task: {notebook_path: shared/clean, source: GIT}}"
    files = {
        f"{PROJECT}/flows/prep/revenue/deployment.yml": f"tasks: [{task}]\n",
        "shared/clean.py": NOTEBOOK,
        "shared/other.py": NOTEBOOK,
    }
    first = commit(tmp_path, files)
    commit(tmp_path, {"shared/other.py": NOTEBOOK + "print(2)\n"})
    assert pinned(tmp_path) == first
    changed = commit(tmp_path, {"shared/clean.py": NOTEBOOK + "print(2)\n"})
    assert pinned(tmp_path) == changed
