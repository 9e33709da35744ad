"""Production needs a committed and pushed checkout of its branch; development gets warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.deployment.production import refusals, warnings
from mesh.git.checkout import GitContext, read_git
from tests.support.git_repository import Repository

INPUTS = {
    "acme/transport/taxinyc": ["projects/taxinyc", "org.yml", "libs"],
    "acme/transport/bikes": ["projects/bikes", "org.yml"],
}
FILES = {"projects/taxinyc/a.py": "1", "projects/bikes/a.py": "1", "org.yml": "x: 1", "libs/l.py": "1"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A clean checkout of `main`, pushed to a bare `origin`."""
    one = Repository.new(tmp_path / "mesh", {**FILES, ".gitignore": "/.mesh/\n"})
    one.git("clone", "-q", "--bare", str(one.path), str(tmp_path / "origin.git"))
    one.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    one.git("fetch", "-q")
    return one


def refused(repository: Repository, branch: str | None = "main", **environ: str) -> list[str]:
    """The reasons against a production deployment."""
    return refusals(read_git(repository.path, environ), branch)


def warned(repository: Repository) -> list[str]:
    """The warnings in development."""
    git = read_git(repository.path, {})
    return warnings(git, INPUTS, git.source_commits(INPUTS))


@pytest.mark.parametrize("branch", ["main", None])
def test_a_committed_and_pushed_checkout_is_accepted(repository: Repository, branch: str | None) -> None:
    """Files that git ignores do not count."""
    repository.write({".mesh/state": "x"})
    assert refused(repository, branch) == []
    assert warned(repository) == []


def test_a_working_tree_that_is_not_clean_is_refused(repository: Repository) -> None:
    """Changed, deleted, renamed, staged and new files anywhere in the repository.

    The message names at most five.
    """
    repository.write({"org.yml": "x: 2", "new.py": "1", "æ ø/é.py": "1"})
    (repository.path / "libs" / "l.py").unlink()
    repository.git("mv", "projects/bikes/a.py", "projects/bikes/b.py")
    assert refused(repository) == [
        "the working tree is not clean: `libs/l.py`, `org.yml`, `projects/bikes/a.py`, `projects/bikes/b.py`, "
        "`new.py` and 1 more not committed (commit them, or add them to .gitignore)"
    ]


def test_git_settings_cannot_hide_uncommitted_files(repository: Repository, tmp_path: Path) -> None:
    """Also in a subfolder, and with control characters in a file name."""
    library = Repository.new(tmp_path / "library", {"f": "1"})
    repository.submodule("modules/library", library)
    repository.git("push", "-q", "origin", "main")
    repository.git("config", "status.showUntrackedFiles", "no")
    repository.git("config", "diff.ignoreSubmodules", "all")
    repository.write({"modules/library/f": "2", "new\x1b[2J.py": "1"})
    [why] = refusals(read_git(repository.path / "projects", {}), "main")
    assert why.startswith("the working tree is not clean: `modules/library`, `new�[2J.py` not committed")


def test_another_branch_is_refused(repository: Repository) -> None:
    """Even if it is pushed; its commits are not on the declared branch."""
    repository.git("checkout", "-q", "-b", "feature/tips")
    repository.commit({"projects/taxinyc/a.py": "2"})
    repository.git("push", "-q", "origin", "feature/tips")
    short = repository.head[:8]
    assert refused(repository) == [
        "only branch `main` may be deployed, but this is `feature/tips` (merge it into `main` and deploy that branch)",
        f"commit `{short}` is not on branch `main` of `origin` (push it; or `git fetch`, if it was pushed)",
    ]
    assert refused(repository, None) == []


def test_mesh_git_branch_does_not_replace_a_pushed_branch(repository: Repository) -> None:
    """MESH_GIT_BRANCH is a claim; the remote decides which branch has the commit."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"projects/taxinyc/a.py": "2"})
    repository.git("push", "-q", "origin", "feature")
    [why] = refused(repository, MESH_GIT_BRANCH="main")
    assert f"commit `{repository.head[:8]}` is not on branch `main` of `origin`" in why


@pytest.mark.parametrize("branch", ["*", "main*", "../main", "heads/main", "mai"])
def test_a_declared_branch_is_not_a_pattern(repository: Repository, branch: str) -> None:
    """A pattern could permit every branch."""
    assert len(refused(repository, branch, MESH_GIT_BRANCH=branch)) == 1


def test_a_commit_that_is_not_pushed_is_refused_until_it_is(repository: Repository) -> None:
    """A pushed commit below a later tip is on the branch, too."""
    repository.commit({"README": "2"})
    assert refused(repository) == [
        f"commit `{repository.head[:8]}` is not on branch `main` of `origin` "
        "(push it; or `git fetch`, if it was pushed)"
    ]
    assert len(refused(repository, None)) == 1
    repository.git("push", "-q", "origin", "main")
    assert refused(repository) == []
    repository.git("reset", "-q", "--hard", "HEAD~1")
    assert refused(repository) == []


def test_a_commit_on_a_fork_only_is_refused(repository: Repository, tmp_path: Path) -> None:
    """Jobs clone `origin`; if MESH_GIT_URL is the fork, they clone the fork."""
    repository.git("init", "-q", "--bare", str(tmp_path / "fork.git"))
    repository.git("remote", "add", "fork", str(tmp_path / "fork.git"))
    repository.commit({"README": "2"})
    repository.git("push", "-q", "fork", "main")
    assert len(refused(repository)) == 1
    assert refused(repository, MESH_GIT_URL=str(tmp_path / "fork.git")) == []


def test_a_repository_without_a_remote_is_refused(tmp_path: Path) -> None:
    """The remedy is to add a remote."""
    alone = Repository.new(tmp_path / "alone", FILES)
    assert refused(alone) == [
        f"commit `{alone.head[:8]}` is not on branch `main` of any remote, because there is none "
        "(`git remote add origin <url>`, and push)"
    ]


def test_a_detached_head_needs_mesh_git_branch(repository: Repository) -> None:
    """CI checks out a detached head."""
    repository.git("checkout", "-q", "--detach")
    assert refused(repository) == [
        "only branch `main` may be deployed, but no branch is checked out "
        "(`git switch main`; in CI set MESH_GIT_BRANCH)"
    ]
    assert refused(repository, MESH_GIT_BRANCH="main") == []
    assert refused(repository, None) == []


def test_a_worktree_is_a_checkout_like_any_other(repository: Repository, tmp_path: Path) -> None:
    """It has its own branch and working tree."""
    worktree = Repository(tmp_path / "worktree")
    repository.git("worktree", "add", "-q", "-b", "other", str(worktree.path))
    repository.write({"new.py": "1"})
    [why] = refused(worktree)
    assert why.startswith("only branch `main` may be deployed, but this is `other`")


def test_a_shallow_clone_is_refused_only_if_the_branch_is_unknown(
    repository: Repository, tmp_path: Path
) -> None:
    """The tip of a branch is on the branch; an earlier commit may not be in the clone."""
    repository.git("push", "-q", "origin", "main:ahead")
    repository.git("checkout", "-q", "-b", "ahead")
    repository.commit({"README": "2"})
    repository.git("push", "-q", "origin", "ahead")
    origin = Repository(tmp_path / "origin.git")
    tip = origin.clone(tmp_path / "tip", "--depth", "1", "--branch", "main")
    assert refused(tip) == []
    tip.git("fetch", "-q", "--depth", "1", "origin", "+refs/heads/ahead:refs/remotes/origin/ahead")
    [why] = refused(tip, "ahead", MESH_GIT_BRANCH="ahead")
    assert "the checkout is shallow: `git fetch --unshallow`" in why


def test_outside_a_checkout_everything_is_refused(tmp_path: Path) -> None:
    """Whatever the variables contain."""
    environ = {"MESH_GIT_BRANCH": "main", "MESH_GIT_COMMIT": "a" * 40}
    [why] = refusals(read_git(tmp_path, environ), "main")
    assert (
        why
        == f"production is deployed from a git checkout: {tmp_path} is not a git checkout with a commit (commit first)"
    )
    [why] = refusals(GitContext(tmp_path, refused="fatal: detected dubious ownership"), None)
    assert why.endswith(f"at {tmp_path}:\nfatal: detected dubious ownership")
    assert warnings(read_git(tmp_path, environ), INPUTS, dict.fromkeys(INPUTS, "a" * 40)) == []


def test_a_commit_from_mesh_git_commit_must_be_pushed(repository: Repository) -> None:
    """And must be in this checkout."""
    pushed = repository.head
    repository.commit({"README": "2"})
    loose = repository.head
    repository.git("reset", "-q", "--hard", "HEAD~1")
    assert refused(repository, MESH_GIT_COMMIT=pushed[:12]) == []
    [why] = refused(repository, MESH_GIT_COMMIT=loose)
    assert why.startswith(f"commit `{loose[:8]}` is not on branch `main` of `origin`")
    [why] = refused(repository, MESH_GIT_COMMIT="c" * 40)
    assert why.startswith(f"commit `{'c' * 40}` is not in this checkout")


def test_all_reasons_are_given_at_once(repository: Repository) -> None:
    """The user can correct all of them before the next try."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit({"README": "2"})
    repository.write({"new.py": "1"})
    assert [why.split(" ")[0] for why in refused(repository)] == ["the", "only", "commit"]


def test_development_warns_about_uncommitted_inputs(repository: Repository) -> None:
    """By project; files that are not inputs are left out."""
    repository.write({"README": "2", "libs/l.py": "2", "projects/taxinyc/flows/b.py": "1"})
    assert warned(repository) == [
        "acme/transport/taxinyc: jobs run the committed code, without the changes in "
        "`libs/l.py`, `projects/taxinyc/flows/b.py` (commit and push)"
    ]
    repository.git("checkout", "-q", "libs")
    (repository.path / "projects/taxinyc/flows/b.py").unlink()
    repository.write({"org.yml": "x: 2"})
    assert warned(repository) == [
        "acme/transport/taxinyc, acme/transport/bikes: jobs run the committed code, without the changes in "
        "`org.yml` (commit and push)"
    ]


def test_development_warns_about_unpushed_source_commits(repository: Repository) -> None:
    """Other commits are not source commits."""
    repository.commit({"README": "2"})
    assert warned(repository) == []
    changed = repository.commit({"projects/bikes/a.py": "2"})
    assert warned(repository) == [
        f"acme/transport/bikes: commit `{changed[:8]}` is on no branch of `origin`, so jobs cannot check it out "
        "(`git push`; or `git fetch`, if it was pushed)"
    ]
    only = {"acme/transport/taxinyc": INPUTS["acme/transport/taxinyc"]}
    git = read_git(repository.path, {})
    assert warnings(git, only, git.source_commits(INPUTS)) == []
    repository.git("push", "-q", "origin", "main:feature")
    assert warned(repository) == []


def test_a_mesh_below_the_root_of_the_repository_gets_the_same_warnings(repository: Repository) -> None:
    """Its inputs are relative to the root of the mesh."""
    repository.write({"projects/bikes/a.py": "2", "libs/l.py": "2"})
    git = read_git(repository.path / "projects", {})
    inputs = {"taxinyc": ["taxinyc"], "bikes": ["bikes"]}
    assert warnings(git, inputs, git.source_commits(inputs)) == [
        "bikes: jobs run the committed code, without the changes in `projects/bikes/a.py` (commit and push)"
    ]
