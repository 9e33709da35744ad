"""Objects of a repository are read as committed, through one process."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.git.objects import GitObjects, TreeEntry, git_environ
from tests.support.git_repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with nested files."""
    return Repository.new(
        tmp_path / "repo", {"flows/a/x.py": "x = 1\r\n", "flows/b.sql": "select 1", "README": ""}
    )


def test_files_are_read_byte_for_byte_below_a_folder(repository: Repository) -> None:
    with GitObjects(repository.path) as objects:
        commit = objects.commit(repository.head)
        assert commit is not None
        files = dict(objects.files(objects.at(commit, "flows"), lambda name, _: name != "b.sql"))

    assert files == {"a/x.py": b"x = 1\r\n"}


def test_a_path_that_does_not_exist_is_an_empty_entry(repository: Repository) -> None:
    with GitObjects(repository.path) as objects:
        commit = objects.commit("HEAD")
        assert commit is not None
        assert objects.at(commit, "flows/c/y.py") == TreeEntry()
        assert objects.at(commit, "flows").is_folder
        assert objects.at(commit, "README").is_file


def test_a_commit_that_the_checkout_lacks_is_none(repository: Repository) -> None:
    with GitObjects(repository.path) as objects:
        assert objects.commit("f" * 40) is None


def test_objects_that_are_replaced_here_are_read_as_committed(repository: Repository) -> None:
    """Who clones the repository gets them so."""
    file = repository.git("rev-parse", "HEAD:flows/b.sql")
    repository.git("replace", file, repository.git("rev-parse", "HEAD:README"))

    with GitObjects(repository.path) as objects:
        commit = objects.commit("HEAD")
        assert commit is not None
        assert dict(objects.files(objects.at(commit, "flows/b.sql"), lambda *_: True)) == {"": b"select 1"}


def test_a_folder_without_a_repository_has_no_commits(tmp_path: Path) -> None:
    with GitObjects(tmp_path) as objects:
        assert objects.commit("HEAD") is None


def test_git_does_not_inherit_the_variables_of_a_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("LC_ALL", "nb_NO.UTF-8")

    assert "GIT_DIR" not in git_environ()
    assert git_environ()["LC_ALL"] == "C"
