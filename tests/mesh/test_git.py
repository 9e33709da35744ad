"""The source commit of a project is the last one that touched it, whatever else happened."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.git import NO_COMMIT, GitContext, offline, public_url, read_git

INPUTS = {"a": ["projects/a", "org.yml"], "b": ["projects/b", "org.yml"]}


@dataclass(frozen=True)
class Repository:
    """A git repository that a test makes."""

    path: Path

    def git(self, *arguments: str) -> str:
        """What git answers."""
        command = ["git", "-C", str(self.path), "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, **files: str) -> str:
        """Write files (`a__x` is projects/a/x) and commit them."""
        for name, text in files.items():
            path = self.path / "projects" / name.replace("__", "/") if "__" in name else self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change", "--allow-empty")
        return self.git("rev-parse", "HEAD")

    def sources(self) -> dict[str, str]:
        """The source commits as the mesh sees them."""
        return read_git(self.path, {}).source_commits(INPUTS)

    def assert_same_as_head(self) -> None:
        """The inputs at the source commit are those at HEAD, and at no parent of it."""
        for project, commit in self.sources().items():
            assert self.tree(commit, project) == self.tree("HEAD", project)
            parents = self.git("rev-list", "--parents", "-n1", commit).split()[1:]
            assert all(self.tree(parent, project) != self.tree(commit, project) for parent in parents)

    def tree(self, commit: str, project: str) -> str:
        """The contents of a project's inputs at a commit."""
        return self.git("ls-tree", "-r", commit, "--", *INPUTS[project])


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with two projects."""
    one = Repository(tmp_path / "mesh")
    one.path.mkdir()
    one.git("init", "-q", "-b", "main")
    one.git("config", "user.email", "ola.nordmann@acme.example")
    one.git("config", "user.name", "Ola")
    one.commit(a__x="1", b__x="1", README="1")
    return one


def test_a_commit_elsewhere_changes_nothing(repository: Repository) -> None:
    """Neither another project nor the README is part of it."""
    first = repository.git("rev-parse", "HEAD")
    second = repository.commit(b__x="2")
    repository.commit(README="2")
    assert repository.sources() == {"a": first, "b": second}


def test_what_projects_share_is_part_of_each(repository: Repository) -> None:
    """A change of a YAML above them is a change of all."""
    shared = repository.commit(**{"org.yml": "x"})
    assert repository.sources() == {"a": shared, "b": shared}


def test_merges_squashes_reverts_and_renames_keep_the_inputs(repository: Repository) -> None:
    """At every step of a tangled history the inputs are those at HEAD."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit(a__x="2")
    repository.commit(a__y="2", b__y="2")
    repository.git("checkout", "-q", "main")
    repository.commit(b__x="3")
    repository.assert_same_as_head()
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    repository.assert_same_as_head()
    repository.git("revert", "--no-edit", "-m", "1", "HEAD")
    repository.assert_same_as_head()
    repository.git("mv", "projects/a/x", "projects/a/z")
    repository.commit()
    repository.assert_same_as_head()
    repository.git("checkout", "-q", "-b", "squashed")
    repository.commit(a__x="9")
    repository.commit(a__x="10")
    repository.git("checkout", "-q", "main")
    repository.commit(README="5")
    repository.git("merge", "-q", "--squash", "squashed")
    repository.commit()
    repository.assert_same_as_head()


def test_a_merge_that_took_both_sides_is_itself_the_source(repository: Repository) -> None:
    """No parent has what the merge has."""
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit(a__left="1")
    repository.git("checkout", "-q", "main")
    repository.commit(a__right="1")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert repository.sources()["a"] == repository.git("rev-parse", "HEAD")


def test_a_merge_of_something_else_is_walked_through(repository: Repository) -> None:
    """The branch whose inputs are the same leads on, be it the first parent or the second."""
    repository.git("checkout", "-q", "-b", "feature")
    changed = repository.commit(a__x="2")
    repository.git("checkout", "-q", "main")
    other = repository.commit(b__x="2")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert repository.sources() == {"a": changed, "b": other}


def test_a_worktree_and_a_subfolder_know_the_same(repository: Repository, tmp_path: Path) -> None:
    """A linked worktree has its history elsewhere, and a mesh may begin below the repository's root."""
    worktree = Repository(tmp_path / "worktree")
    repository.git("worktree", "add", "-q", "-b", "other", str(worktree.path))
    assert worktree.sources() == repository.sources()
    below = read_git(repository.path / "projects", {})
    assert below.prefix == "projects/"
    assert below.source_commits({"a": ["a"]}) == {"a": repository.sources()["a"]}


def test_a_shallow_clone_is_refused_outside_local(repository: Repository, tmp_path: Path) -> None:
    """It cannot know, and says what to set; on one's own machine its only commit will do."""
    head = repository.commit(README="2")
    shallow = Repository(tmp_path / "shallow")
    repository.git("clone", "-q", "--depth", "1", repository.path.as_uri(), str(shallow.path))
    with pytest.raises(OutsideError, match="fetch-depth: 0"):
        shallow.sources()
    assert offline(read_git(shallow.path, {})).source_commits(INPUTS) == {"a": head, "b": head}
    told = read_git(shallow.path, {"MESH_GIT_COMMIT": "c" * 40})
    assert told.source_commits(INPUTS) == {"a": "c" * 40, "b": "c" * 40}


def test_what_is_not_committed_is_refused_outside_local(repository: Repository) -> None:
    """No job could check it out."""
    context = read_git(repository.path, {})
    inputs = {"new": ["projects/new"]}
    with pytest.raises(OutsideError, match="projects/new is not committed"):
        context.source_commits(inputs)
    assert offline(context).source_commits(inputs) == {"new": context.head}


def test_outside_a_checkout_only_local_goes_on(tmp_path: Path) -> None:
    """With stand-ins for what nobody knows."""
    nowhere = GitContext(tmp_path)
    with pytest.raises(OutsideError, match="MESH_GIT_COMMIT"):
        nowhere.source_commits(INPUTS)
    stand_in = offline(nowhere)
    assert stand_in.source_commits(INPUTS) == {"a": NO_COMMIT, "b": NO_COMMIT}
    assert (stand_in.branch, stand_in.url) == ("HEAD", tmp_path.as_uri())
    assert stand_in.user


def test_the_environment_wins_over_git(repository: Repository) -> None:
    """For continuous integration and detached heads."""
    repository.git("remote", "add", "origin", "git@github.com:acme/mesh.git")
    repository.git("checkout", "-q", "--detach")
    detached = read_git(repository.path, {})
    assert (detached.user, detached.branch) == ("ola.nordmann@acme.example", None)
    assert detached.url == "https://github.com/acme/mesh.git"
    told = read_git(
        repository.path,
        {
            "MESH_USER": "ci@acme.example",
            "MESH_GIT_BRANCH": "feature/x",
            "MESH_GIT_URL": "https://u:secret@git.example/x",
        },
    )
    assert (told.user, told.branch, told.url) == ("ci@acme.example", "feature/x", "https://git.example/x")
    with pytest.raises(OutsideError, match="MESH_GIT_COMMIT is `main`"):
        read_git(repository.path, {"MESH_GIT_COMMIT": "main"})


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("git@github.com:acme/mesh.git", "https://github.com/acme/mesh.git"),
        ("ssh://git@gitlab.example:2222/acme/mesh.git", "https://gitlab.example/acme/mesh.git"),
        ("git@ssh.dev.azure.com:v3/acme/platform/mesh", "https://dev.azure.com/acme/platform/_git/mesh"),
        ("https://token@github.com/acme/mesh", "https://github.com/acme/mesh"),
        ("https://user:pass@github.com/acme/mesh", "https://github.com/acme/mesh"),
        ("https://github.com/acme/mesh@2", "https://github.com/acme/mesh@2"),
        ("/srv/git/mesh", "/srv/git/mesh"),
    ],
)
def test_addresses_are_https_and_hold_no_credentials(url: str, public: str) -> None:
    """They end up in job settings, which many can read."""
    assert public_url(url) == public
