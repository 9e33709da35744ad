"""The git checkout of a mesh: repository, branch, and the source commit of each project.

The source commit of a project is the last commit that touched its inputs. The inputs at that commit equal
those at HEAD byte for byte, so a commit elsewhere changes nothing for the project.
"""

from __future__ import annotations

import getpass
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path

from mesh.errors import OutsideError
from mesh.git.objects import Commit, GitObjects, TreeEntry, git_environ

NO_COMMIT = "0" * 40


@dataclass(frozen=True)
class GitContext:
    """The checkout that is deployed; unknown values are None.

    Args:
        root: the mesh's root.
        user: e-mail of the deployer.
        url: address of the repository, without credentials.
        branch: the full name, with slashes; None on a detached head.
        head: the commit that is checked out; None outside a git checkout.
        prefix: the mesh's root relative to the repository's top, "" or ending in `/`.
        shallow: True if the checkout lacks history.
        commit: the source commit of every project, if MESH_GIT_COMMIT sets one.
        refused: git's error if it cannot read the checkout; else None.
        lenient: True if uncommitted files count as part of `head`.
    """

    root: Path
    user: str | None = None
    url: str | None = None
    branch: str | None = None
    head: str | None = None
    prefix: str = ""
    shallow: bool = False
    commit: str | None = None
    refused: str | None = None
    lenient: bool = False

    @property
    def why_no_head(self) -> str:
        """Why no commit is checked out, with the remedy."""
        if self.refused:
            return f"git cannot read the checkout at {self.root}:\n{self.refused}"
        return f"{self.root} is not a git checkout with a commit (commit first)"

    def source_commits(self, inputs: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The source commit of each project.

        Args:
            inputs: the paths of each project, relative to the mesh's root; its own folder first.

        Raises:
            OutsideError: this is not a git checkout, or it lacks the necessary history.
        """
        if self.commit:
            return dict.fromkeys(inputs, self.commit)
        if not self.head:
            raise OutsideError(f"the commit is unknown, and MESH_GIT_COMMIT is not set: {self.why_no_head}")
        paths = {project: [self.prefix + path for path in own] for project, own in inputs.items()}
        with GitObjects(self.root) as objects:
            history = _History(objects, chain(*paths.values()))
            return {project: self._source_commit(history, self.head, paths[project]) for project in inputs}

    def _source_commit(self, history: _History, head: str, paths: Sequence[str]) -> str:
        if history.exists(head, paths[0]):
            return _source_commit(history, head, paths)
        if self.lenient:
            return head
        missing = paths[0].removeprefix(self.prefix)
        raise OutsideError(f"{missing} is not committed, so jobs cannot check it out (commit it first)")


def read_git(root: Path, environ: Mapping[str, str] = os.environ) -> GitContext:
    """Reads the git context of the checkout around `root`; MESH_USER and MESH_GIT_* override it.

    Args:
        root: the mesh's root.
        environ: may set MESH_USER, MESH_GIT_URL, MESH_GIT_BRANCH and MESH_GIT_COMMIT.
    """
    checkout = _checkout(root)
    commit = environ.get("MESH_GIT_COMMIT")
    if commit and not re.fullmatch(r"[0-9a-fA-F]{7,64}", commit):
        raise OutsideError(f"MESH_GIT_COMMIT is `{commit}`: set a commit's hexadecimal id")
    url = environ.get("MESH_GIT_URL") or checkout.url
    return replace(
        checkout,
        user=environ.get("MESH_USER") or checkout.user,
        url=public_url(url) if url else None,
        branch=environ.get("MESH_GIT_BRANCH") or checkout.branch,
        commit=commit or None,
    )


def with_defaults(context: GitContext) -> GitContext:
    """The same context with defaults for all unknown values, for the local workspace."""
    unknown_history = context.head if context.shallow else None
    no_history = None if context.head else NO_COMMIT
    return replace(
        context,
        user=context.user or getpass.getuser(),
        url=context.url or context.root.resolve().as_uri(),
        branch=context.branch or "HEAD",
        commit=context.commit or unknown_history or no_history,
        lenient=True,
    )


def ignore_folder(folder: Path) -> None:
    """Creates a folder that git ignores, so that files of tools in it do not count as changes."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")


def public_url(url: str) -> str:
    """The address in the form that jobs accept: https instead of ssh, without credentials.

    Source: Databricks documentation, "Git integration": Git folders and jobs clone over https only.
    """
    if azure := re.match(r"^git@ssh\.dev\.azure\.com:v3/([^/]+)/([^/]+)/(.+)$", url):
        return "https://dev.azure.com/{}/{}/_git/{}".format(*azure.groups())
    if ssh := re.match(r"^(?:ssh://)?[\w.-]+@([\w.-]+)(?::\d+/|[:/])(?!/)(.+)$", url):
        return "https://{}/{}".format(*ssh.groups())
    return re.sub(r"^(\w+://)[^/@]*@", r"\1", url)


def _checkout(root: Path) -> GitContext:
    facts, refused = _run(
        root, "rev-parse", "--is-shallow-repository", "--show-prefix", "HEAD", "--symbolic-full-name", "HEAD"
    )
    settings = (
        query_git(root, "config", "--null", "--get-regexp", r"^(remote\.origin\.url|user\.email)$") or ""
    )
    # entries are `key\nvalue`; git lists the least specific file first, so the last value of a key counts
    values = dict(entry.split("\n", 1) for entry in settings.split("\0") if "\n" in entry)
    user, url = values.get("user.email"), values.get("remote.origin.url")
    if facts is None:
        return GitContext(root, user=user, refused=refused)
    shallow, prefix, head, reference = facts.split("\n")[:4]
    return GitContext(
        root,
        user=user,
        url=url,
        branch=reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") else None,
        head=head,
        prefix=prefix,
        shallow=shallow == "true",
    )


def query_git(root: Path, *arguments: str) -> str | None:
    """Returns the output of a git command in the checkout around `root`; None if it fails."""
    return _run(root, *arguments)[0]


def run_git(root: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
    """Returns the output of a git command in the checkout around `root`.

    Args:
        root: a folder of the checkout.
        arguments: the arguments of git.
        environ: additional environment variables.

    Raises:
        OutsideError: git fails; with its error text.
    """
    answer, why = _run(root, *arguments, environ=environ)
    if answer is None:
        raise OutsideError(f"`git {' '.join(arguments)}` failed in {root}: {why or 'not a git checkout'}")
    return answer


def _run(
    root: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> tuple[str | None, str | None]:
    """Returns the output; or None and the reason why git cannot read an existing checkout."""
    command = ["git", "-C", str(root), *arguments]
    try:
        # file names are not always UTF-8
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env={**git_environ(), **(environ or {})},
        )
    except FileNotFoundError:
        return None, "git is not installed (install it)" if _has_checkout(root) else None
    if done.returncode == 0:
        return done.stdout, None
    # without a commit git does not know the name `HEAD`; all other errors are git's own
    unborn = "'HEAD'" in done.stderr
    return None, done.stderr.strip() if _has_checkout(root) and not unborn else None


def _has_checkout(root: Path) -> bool:
    top = root.resolve()
    return any((folder / ".git").exists() for folder in (top, *top.parents))


def _source_commit(history: _History, head: str, paths: Sequence[str]) -> str:
    """Walks from `head` to parents with the same inputs, until no parent has the same inputs.

    So the result has the inputs of `head`, also across merges.
    """
    commit = head
    while True:
        for parent in history.parents(commit):
            if history.changed(commit, parent).isdisjoint(paths):
                commit = parent
                break
        else:
            return commit


class _History:
    """The differences between commits, for all projects at once.

    Args:
        objects: the objects of the repository.
        paths: the compared paths, relative to the repository's top.
    """

    def __init__(self, objects: GitObjects, paths: Iterable[str]) -> None:
        self._objects = objects
        self._paths = frozenset(paths)
        self._below: dict[str, set[str]] = {}  # the names on the way to a path, by folder
        for path in self._paths:
            steps = path.split("/")
            for depth, name in enumerate(steps):
                self._below.setdefault("/".join(steps[:depth]), set()).add(name)
        self.changed = cache(self._changed)

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents of a commit, in order."""
        return self._commit(commit).parents

    def exists(self, commit: str, path: str) -> bool:
        """True if `path` exists at `commit`."""
        return bool(self._objects.at(self._commit(commit), path).id)

    def _changed(self, commit: str, other: str) -> frozenset[str]:
        """The paths that differ between two commits."""
        different: set[str] = set()
        self._compare("", self._commit(commit).top, self._commit(other).top, different)
        return frozenset(different)

    def _compare(self, path: str, one: TreeEntry, two: TreeEntry, different: set[str]) -> None:
        # Equal folders are not read: most commits change little of the mesh.
        if one == two:
            return
        if path in self._paths:
            different.add(path)
        entries, inside = self._objects.entries, self._objects.inside
        names = self._below.get(path, set())
        if names and not one.is_submodule and not two.is_submodule:
            names = names & {name for name, _ in entries(one).items() ^ entries(two).items()}
        for name in names:
            below = f"{path}/{name}" if path else name
            self._compare(below, inside(one, name), inside(two, name), different)

    def _commit(self, commit: str) -> Commit:
        read = self._objects.commit(commit)
        if read is None:
            raise OutsideError(
                f"this git checkout lacks commit {commit} (it is shallow), so the source commit "
                "of a project is unknown: fetch the whole history (`git fetch --unshallow`; in CI "
                "`fetch-depth: 0`), or set MESH_GIT_COMMIT"
            )
        return read
