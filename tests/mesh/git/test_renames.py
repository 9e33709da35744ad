"""Git's renames between a commit and the working tree, by file and by folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.git.renames import NO_RENAMES, FileRenames, renames_in
from tests.support.git_repository import Repository

CODE = "".join(f"line {number}\n" for number in range(50))
OTHER = "".join(f"another {number * 7}\n" for number in range(50))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A mesh in a folder of a repository, with two flows."""
    return Repository.new(
        tmp_path / "repo",
        {
            "mesh/revenue/deployment.yml": CODE,
            "mesh/revenue/a.py": OTHER,
            "mesh/revenue/__init__.py": "",
            "mesh/tips/a.py": "tips\n" * 20,
        },
    )


def test_a_folder_that_git_sees_renamed_is_as_alike_as_its_files(repository: Repository) -> None:
    """Edits make a file less alike; empty files are no evidence."""
    base = repository.head
    repository.git("mv", "mesh/revenue", "mesh/income")
    repository.write({"mesh/income/deployment.yml": CODE.replace("line 7\n", "changed\n")})

    seen = renames_in(repository.path / "mesh")(base)

    assert seen.renamed["revenue/a.py", "income/a.py"] == 100
    alike = seen.alike("revenue", ["income", "tips"])
    assert [*alike] == ["income"]
    assert 90 < alike["income"] < 100
    assert seen.alike("tips", ["income"]) == {}
    assert sorted(seen.removed) == ["revenue/a.py", "revenue/deployment.yml"]


def test_a_folder_of_which_only_one_of_two_files_was_kept_is_half_alike(repository: Repository) -> None:
    repository.git("mv", "mesh/revenue", "mesh/income")
    repository.write({"mesh/income/a.py": "new\n" * 30})

    assert renames_in(repository.path / "mesh")("HEAD").alike("revenue", ["income"]) == {"income": 50}


def test_equal_files_are_alike_where_git_names_another_one() -> None:
    """Git names one new file for each former file."""
    seen = FileRenames({"a/x": "1"}, {"b/x": "1", "c/x": "1"}, {("a/x", "b/x"): 100})
    assert seen.alike("a", ["b", "c", "d"]) == {"b": 100, "c": 100}


def test_an_unknown_commit_is_replaced_by_the_merge_base_with_the_default_branch(
    repository: Repository,
) -> None:
    """The branch renamed the flow in its first commit; main went on."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.git("mv", "mesh/revenue", "mesh/income")
    repository.commit()
    repository.commit({"mesh/README": "more"})
    repository.git("checkout", "-q", "main")
    repository.commit({"mesh/later/a.py": "later"})
    repository.git("checkout", "-q", "feature")

    since = renames_in(repository.path / "mesh")

    for commit in (None, "0" * 40, "f" * 40, "--output=x"):
        assert since(commit).alike("revenue", ["income"]) == {"income": 100}, commit
        assert "later/a.py" not in since(commit).removed


def test_uncommitted_renames_on_the_default_branch_are_compared_with_head(repository: Repository) -> None:
    repository.git("mv", "mesh/revenue", "mesh/income")
    assert renames_in(repository.path / "mesh")(None).alike("revenue", ["income"]) == {"income": 100}


def test_outside_a_checkout_nothing_is_known(tmp_path: Path) -> None:
    assert renames_in(tmp_path)(None) == NO_RENAMES
