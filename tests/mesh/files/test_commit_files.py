"""The files of a commit are those of a checkout of it, whatever the working tree has."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mesh.deployment.fingerprint import fingerprint
from mesh.files.answers import Questions
from mesh.files.commit_files import CommitFiles, committed_ids
from mesh.files.files import MOST_BYTES, Files
from mesh.git.base_commit import checkout_of
from mesh.git.checkout import read_git
from mesh.git.objects import GitObjects
from mesh.load import loaded
from tests.support.git_repository import Repository

FLOW = "orgs/acme/domains/d/projects/p/flows/prep/f"
FILES = {
    f"mesh/{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n",
    f"mesh/{FLOW}/a.py": "# Databricks notebook source\n",
    f"mesh/{FLOW}/large.txt": "x" * (MOST_BYTES + 10),
    "mesh/orgs/acme/org.yml": "environments: {dev: {workspace: local}}\n",
    "beside.txt": "1",
}
QUESTIONS = Questions(
    names=("", "orgs/acme", FLOW, "missing", f"{FLOW}/a.py"),
    entries=("orgs", "beside.txt", f"{FLOW}/x.py", f"{FLOW}/b.py", f"{FLOW}/a.py"),
    links=(f"{FLOW}/a.py",),
    contents=(f"{FLOW}/a.py", f"{FLOW}/large.txt", "orgs/acme/org.yml", "missing", f"{FLOW}/b.py"),
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.new(tmp_path / "all", FILES)


EDITS: tuple[Callable[[Path], object], ...] = (
    lambda root: None,
    lambda root: (root / FLOW / "a.py").write_text("other"),
    lambda root: (root / FLOW / "a.py").unlink(),
    lambda root: (root / FLOW / "b.py").write_text("new"),
    lambda root: ((root / FLOW / "a.py").unlink(), (root / FLOW / "a.py").symlink_to("b.py")),
    lambda root: (root / FLOW / "large.txt").write_text("x" * (MOST_BYTES + 9)),
    lambda root: shutil.rmtree(root / FLOW),
    lambda root: shutil.rmtree(root / "orgs/acme/domains"),
)


@pytest.mark.parametrize("edit", EDITS)
def test_answers_are_those_of_a_checkout(repository: Repository, edit: Callable[[Path], object]) -> None:
    root = repository.path / "mesh"
    git = read_git(root, {})
    edit(root)

    ids = committed_ids(git, repository.head)

    assert ids is not None
    with checkout_of(git, repository.head) as base, GitObjects(root) as objects:
        files, there = CommitFiles(base.root, root, ids, objects), Files(base.root)
        assert files.answered(QUESTIONS) == there.answered(QUESTIONS)
        assert files.content(f"{FLOW}/a.py") == there.content(f"{FLOW}/a.py")
        assert [*files.below("", "orgs/**/*.py")] == [*there.below("", "orgs/**/*.py")]
        assert not files.leaves(f"{FLOW}/a.py")
        assert loaded(files).orgs == loaded(there).orgs
        at = replace(git, root=base.root)
        both = [loaded(one).in_environment("dev", at, files=one, looking=True) for one in (files, there)]
        [[ours], [theirs]] = [one.deployments for one in both]
        assert ours.uploads
        assert fingerprint(ours) == fingerprint(theirs)


def test_a_missing_file_has_no_content(repository: Repository) -> None:
    git = read_git(repository.path / "mesh", {})
    with GitObjects(git.root) as objects, pytest.raises(FileNotFoundError):
        CommitFiles(git.root, git.root, committed_ids(git, repository.head) or {}, objects).content("x")


def test_the_beginning_of_a_file_is_not_the_file(repository: Repository) -> None:
    """What is read of a large file may be all that is committed."""
    path, root = f"{FLOW}/large.txt", repository.path / "mesh"
    text = "x" * (MOST_BYTES + 1)
    repository.commit({f"mesh/{path}": text})
    (root / path).write_text(f"{text}x")
    git = read_git(root, {})

    with GitObjects(root) as objects:
        files = CommitFiles(root, root, committed_ids(git, repository.head) or {}, objects)
        assert files.content(path) == text.encode()
        assert not files.is_in_working_tree(path)


@pytest.mark.parametrize("name", ["link", "mesh/link"])
def test_a_commit_with_links_needs_a_checkout(repository: Repository, name: str) -> None:
    (repository.path / name).symlink_to("beside.txt")
    repository.commit({})

    assert committed_ids(read_git(repository.path / "mesh", {}), repository.head) is None


def test_a_commit_with_submodules_needs_a_checkout(repository: Repository, tmp_path: Path) -> None:
    commit = repository.submodule("libs", Repository.new(tmp_path / "libs", {"a.py": "1"}))

    assert committed_ids(read_git(repository.path, {}), commit) is None


def test_a_name_that_is_not_utf8_needs_a_checkout(repository: Repository) -> None:
    Path(f"{repository.path}/\udcff.py").write_text("")
    repository.commit({})

    assert committed_ids(read_git(repository.path, {}), repository.head) is None
