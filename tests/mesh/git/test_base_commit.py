"""The base of a comparison: its commit, its files, and the changes since."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.git.base_commit import ChangedFile, base_commit, changed_files, checkout_of
from mesh.git.checkout import read_git
from tests.support.git_repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with a mesh in a folder of its own, and changes after the first commit."""
    one = Repository.new(tmp_path / "repo", {"mesh/a.yml": "1", "mesh/b.yml": "1", "README": "1"})
    one.commit({"mesh/a.yml": "2"})
    one.write({"mesh/new.yml": "1", "README": "2"})
    (one.path / "mesh/b.yml").unlink()
    return one


def test_files_are_relative_to_the_mesh(repository: Repository) -> None:
    git = read_git(repository.path / "mesh", {})

    assert changed_files(git, base_commit(git, "HEAD~1")) == [
        ChangedFile("../README", "changed"),
        ChangedFile("a.yml", "changed"),
        ChangedFile("b.yml", "removed"),
        ChangedFile("new.yml", "added"),
    ]


def test_the_files_of_a_commit_are_in_a_folder_that_is_removed(repository: Repository) -> None:
    git = read_git(repository.path / "mesh", {})

    with checkout_of(git, base_commit(git, "HEAD~1")) as base:
        root = base.root
        assert sorted(file.name for file in root.iterdir()) == ["a.yml", "b.yml"]
        assert (root / "a.yml").read_text() == "1"

    assert not root.exists()
    assert (repository.path / "mesh/a.yml").read_text() == "2"


@pytest.mark.parametrize("rev", ["no-such-branch", "--help", "HEAD~9"])
def test_an_unknown_commit_is_reported_with_the_remedy(repository: Repository, rev: str) -> None:
    with pytest.raises(OutsideError, match=r"is not in this checkout .*fetch-depth: 0"):
        base_commit(read_git(repository.path, {}), rev)


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [("libs/a.py", "libs", True), ("libs", "libs/a.py", True), ("libs2/a.py", "libs", False)],
)
def test_a_file_is_in_a_folder_by_whole_names(path: str, folder: str, expected: bool) -> None:
    assert ChangedFile(path, "changed").is_in(folder) is expected
