"""The mesh of the golden reviews in a git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.golden.review.plans import GIT, HERE


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mesh in a repository with a remote."""
    root = tmp_path_factory.mktemp("review") / "mesh"
    shutil.copytree(HERE / "mesh", root)
    git(root, "init", "-q", "-b", "main")
    git(root, "remote", "add", "origin", GIT["MESH_GIT_URL"])
    git(root, "config", "user.email", GIT["MESH_USER"])
    commit(root)
    return root


def git(root: Path, *arguments: str) -> None:
    """Runs git in the repository."""
    environ = {**os.environ, **{key: value for key, value in GIT.items() if key.startswith("GIT_")}}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, env=environ, capture_output=True)


def commit(root: Path) -> None:
    """Commits everything."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "mesh")
