"""Files come from a commit; the working tree does not matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.deployment.committed_files import CommittedFiles
from mesh.errors import OutsideError
from mesh.git.checkout import GitContext
from tests.support.git_repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with two folders, and with files that are never uploaded."""
    files = {
        "flows/a.py": "1",
        "flows/deep/b.py": "2",
        "flows/.hidden": "x",
        "flows/__pycache__/a.pyc": "x",
        "libs/c.py": "3",
    }
    return Repository.new(tmp_path / "mesh", files)


def checkout(repository: Repository, **facts: str | bool) -> GitContext:
    """The checkout of a repository."""
    return GitContext(repository.path, head=repository.head, **facts)  # type: ignore[arg-type]


def test_a_folder_is_read_as_committed(repository: Repository) -> None:
    commit = repository.head
    repository.commit({"flows/a.py": "later"})
    repository.write({"flows/a.py": "uncommitted", "flows/new.py": "new"})

    with CommittedFiles(checkout(repository)) as committed:
        files = committed.files(commit, ["flows"])
        assert files is not None
        assert files("flows") == {"flows/a.py": b"1", "flows/deep/b.py": b"2"}


def test_a_single_file_is_read_under_its_own_path(repository: Repository) -> None:
    with CommittedFiles(checkout(repository)) as committed:
        files = committed.files(repository.head, ["libs/c.py"])
        assert files is not None
        assert files("libs/c.py") == {"libs/c.py": b"3"}


def test_links_are_left_out(repository: Repository) -> None:
    (repository.path / "libs/link.py").symlink_to("c.py")
    commit = repository.commit()

    with CommittedFiles(checkout(repository)) as committed:
        files = committed.files(commit, ["libs"])
        assert files is not None
        assert files("libs") == {"libs/c.py": b"3"}


def test_paths_start_at_the_root_of_a_mesh_within_a_repository(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path / "repo", {"platform/libs/c.py": "3", "libs/c.py": "other"})
    git = GitContext(repository.path / "platform", head=repository.head, prefix="platform/")

    with CommittedFiles(git) as committed:
        files = committed.files(repository.head, ["libs"])
        assert files is not None
        assert files("libs") == {"libs/c.py": b"3"}


def test_a_folder_that_is_not_committed_is_an_error(repository: Repository) -> None:
    repository.write({"new/x.py": ""})

    with (
        CommittedFiles(checkout(repository)) as committed,
        pytest.raises(OutsideError, match="new is not committed"),
    ):
        committed.files(repository.head, ["flows", "new"])


def test_a_commit_that_the_checkout_lacks_is_an_error_with_the_remedy(repository: Repository) -> None:
    with (
        CommittedFiles(checkout(repository)) as committed,
        pytest.raises(OutsideError, match="fetch-depth: 0"),
    ):
        committed.files("f" * 40, ["flows"])


def test_a_folder_without_a_repository_is_an_error_with_the_cause(tmp_path: Path) -> None:
    git = GitContext(tmp_path)

    with CommittedFiles(git) as committed, pytest.raises(OutsideError, match="is not a git checkout"):
        committed.files("f" * 40, ["flows"])


@pytest.mark.parametrize(("commit", "place"), [("f" * 40, "flows"), ("HEAD", "new")])
def test_a_lenient_checkout_falls_back_to_the_working_tree(
    repository: Repository, commit: str, place: str
) -> None:
    with CommittedFiles(checkout(repository, lenient=True)) as committed:
        assert committed.files(commit, [place]) is None
        assert committed.files("HEAD", ["flows"]) is not None
