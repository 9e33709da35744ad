"""The mesh of the golden folders in a repository, as every report of it needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.golden.review.plans import GIT, HERE


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mesh in a repository that says where it is."""
    root = tmp_path_factory.mktemp("review") / "mesh"
    shutil.copytree(HERE / "mesh", root)
    git(root, "init", "-q", "-b", "main")
    git(root, "remote", "add", "origin", GIT["MESH_GIT_URL"])
    git(root, "config", "user.email", GIT["MESH_USER"])
    commit(root)
    return root


def git(root: Path, *arguments: str) -> None:
    """Run git in the repository."""
    environ = {**os.environ, **{key: value for key, value in GIT.items() if key.startswith("GIT_")}}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, env=environ, capture_output=True)


def commit(root: Path) -> None:
    """Commit everything."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "mesh")
