"""The students' branches in a real remote: created once, never moved, deleted only without own commits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mesh.errors import OutsideError, UsageError
from mesh.model.backend import Backend
from mesh.workshop.branches import Branches
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.student import Student
from mesh.workshop.workshop import Repository as Course
from mesh.workshop.workshop import Workshop
from tests.support.git_repository import Repository

EMAILS = ("ada@example.com", "bo@example.com", "cleo@example.com", "dina@example.com")
STUDENTS = tuple(
    Student(email, email.partition("@")[0], None, f"feat-gh100{number}-oslo")
    for number, email in enumerate(EMAILS)
)
ADA, BO, CLEO, DINA = (one.branch for one in STUDENTS)


@pytest.fixture
def checkout(tmp_path: Path) -> Repository:
    """A checkout whose origin has branch `main`."""
    Repository.new(tmp_path / "source", {"a": "1"})
    remote = tmp_path / "remote.git"
    source = Repository(tmp_path / "source")
    source.git("clone", "-q", "--bare", ".", str(remote))
    source.git("clone", "-q", str(remote), str(tmp_path / "checkout"))
    one = Repository(tmp_path / "checkout")
    one.git("config", "user.email", "admin@example.com")
    one.git("config", "user.name", "Admin")
    return one


def branches(checkout: Repository) -> Branches:
    """The branches of a class of four."""
    workshop = Workshop(
        name="spring",
        description=None,
        workspace=None,
        embedded=False,
        backend=Backend("local", {"path": ".mesh/state"}),
        group="students",
        users="existing",
        students=STUDENTS,
        catalogs=("training",),
        existing_catalogs=(),
        service_principal=None,
        repository=Course(checkout.git("remote", "get-url", "origin"), "main"),
        warehouse=WarehouseFile(),
        limits=LimitsFile(),
    )
    return Branches(workshop, checkout.path)


def heads(checkout: Repository) -> dict[str, str]:
    """The branches of the remote, with their commits."""
    lines = checkout.git("ls-remote", "--heads", "origin").splitlines()
    return {ref.removeprefix("refs/heads/"): commit for commit, ref in map(str.split, lines)}


def committed(checkout: Repository, branch: str) -> str:
    """A student commits to a branch and pushes it."""
    checkout.git("fetch", "-q", "origin")
    checkout.git("checkout", "-q", "--detach", f"origin/{branch}")
    commit = checkout.commit({branch: "x"})
    checkout.git("push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    checkout.git("checkout", "-q", "main")
    return commit


def test_branches_are_created_once_and_never_moved(checkout: Repository) -> None:
    base = checkout.head
    assert str(branches(checkout).read()[0]) == f"{ADA}  ada@example.com  missing in the remote"

    assert [one.student.branch for one in branches(checkout).push()] == [ADA, BO, CLEO, DINA]
    assert heads(checkout) == {"main": base, ADA: base, BO: base, CLEO: base, DINA: base}
    work = committed(checkout, BO)
    newer = committed(checkout, "main")

    assert branches(checkout).push() == []
    assert heads(checkout) == {"main": newer, ADA: base, BO: work, CLEO: base, DINA: base}
    assert branches(checkout).missing() == []
    checkout.git("push", "-q", "origin", f":refs/heads/{CLEO}")
    assert [one.branch for one in branches(checkout).missing()] == [CLEO]
    assert [one.student.branch for one in branches(checkout).push()] == [CLEO]
    assert heads(checkout)[CLEO] == newer


def test_only_branches_without_own_commits_are_deleted(checkout: Repository) -> None:
    """Merged and unchanged branches are deleted; others, and branches of nobody on the roster, are kept."""
    branches(checkout).push()
    base = checkout.head
    work = committed(checkout, BO)
    committed(checkout, CLEO)
    checkout.git("fetch", "-q", "origin")
    checkout.git(
        "push", "-q", "origin", f"origin/{CLEO}:refs/heads/main", "origin/main:refs/heads/feat-gh9999-cairo"
    )

    deleted, kept = branches(checkout).delete()

    assert [one.student.branch for one in deleted] == [ADA, CLEO, DINA]
    assert [str(one) for one in kept] == [f"{BO}  bo@example.com  1 own commit"]
    assert {name: commit for name, commit in heads(checkout).items() if name != "main"} == {
        BO: work,
        "feat-gh9999-cairo": base,
    }
    assert branches(checkout).delete()[0] == []


def test_a_branch_that_gets_a_commit_meanwhile_is_kept(checkout: Repository) -> None:
    branches(checkout).push()
    class_branches = branches(checkout)
    class_branches.read()
    work = committed(checkout, ADA)
    with pytest.raises(OutsideError, match="stale info"):
        class_branches.delete()
    assert heads(checkout)[ADA] == work


def test_without_a_base_branch_nothing_is_created(checkout: Repository) -> None:
    class_branches = branches(checkout)
    without = replace(class_branches.workshop, repository=None)
    with pytest.raises(UsageError, match="the repository is unknown"):
        Branches(without, checkout.path).push()
    assert class_branches.workshop.repository is not None
    other = replace(
        class_branches.workshop, repository=replace(class_branches.workshop.repository, branch="course")
    )
    with pytest.raises(OutsideError, match=r"branch `course` is not in .* \(push it first\)"):
        Branches(other, checkout.path).push()
    assert list(heads(checkout)) == ["main"]
