"""What git knows of the mesh: where its code is, and the source commit of each project.

The source commit of a project is the last commit that touched its inputs: the inputs at that commit are
byte for byte those at HEAD, so a commit elsewhere changes nothing for this project.
"""

from __future__ import annotations

import getpass
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from mesh.errors import OutsideError

NO_COMMIT = "0" * 40


@dataclass(frozen=True)
class GitContext:
    """The checkout that is deployed. What is not known is None, until somebody needs it.

    Args:
        root: the mesh's root.
        user: e-mail of the one who deploys.
        url: address of the repository, without credentials.
        branch: as it is, with its slashes; None on a detached head.
        head: the commit that is checked out; None outside a git checkout.
        prefix: the mesh's root as seen from the repository's, "" or ending in `/`.
        shallow: whether the checkout lacks history.
        commit: the source commit of every project, when somebody sets it (MESH_GIT_COMMIT).
        lenient: whether what is not committed yet counts as part of `head`.
    """

    root: Path
    user: str | None = None
    url: str | None = None
    branch: str | None = None
    head: str | None = None
    prefix: str = ""
    shallow: bool = False
    commit: str | None = None
    lenient: bool = False

    def source_commits(self, inputs: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The source commit of each project.

        Args:
            inputs: by project, its own folder and what else it is made of, from the mesh's root.

        Raises:
            OutsideError: this is no git checkout, or a shallow one, which cannot know.
        """
        if self.commit:
            return dict.fromkeys(inputs, self.commit)
        if not self.head:
            raise OutsideError(
                f"{self.root} is no git checkout with a commit: set MESH_GIT_COMMIT, or commit first"
            )
        if self.shallow:
            raise OutsideError(
                "this git checkout is shallow, so the commit that last touched a project is not known: "
                "fetch the whole history (`git fetch --unshallow`; in CI `fetch-depth: 0`), "
                "or set MESH_GIT_COMMIT"
            )
        with _Objects(self.root) as objects:
            return {
                project: self._source_commit(objects, self.head, paths) for project, paths in inputs.items()
            }

    def _source_commit(self, objects: _Objects, head: str, inputs: Sequence[str]) -> str:
        paths = [self.prefix + path for path in inputs]
        if objects.exists(head, paths[0]):
            return _source_commit(objects, head, paths)
        if self.lenient:
            return head
        raise OutsideError(f"{inputs[0]} is not committed, so no job could check it out: commit it first")


def read_git(root: Path, environ: Mapping[str, str] = os.environ) -> GitContext:
    """The git context of the checkout around `root`; MESH_USER and MESH_GIT_* win over what git says.

    Args:
        root: the mesh's root.
        environ: where MESH_USER, MESH_GIT_URL, MESH_GIT_BRANCH and MESH_GIT_COMMIT are looked up.
    """
    found = _checkout(root)
    commit = environ.get("MESH_GIT_COMMIT")
    if commit and not re.fullmatch(r"[0-9a-fA-F]{7,64}", commit):
        raise OutsideError(f"MESH_GIT_COMMIT is `{commit}`: set a commit's hexadecimal id")
    url = environ.get("MESH_GIT_URL") or found.url
    return replace(
        found,
        user=environ.get("MESH_USER") or found.user,
        url=public_url(url) if url else None,
        branch=environ.get("MESH_GIT_BRANCH") or found.branch,
        commit=commit or None,
    )


def offline(context: GitContext) -> GitContext:
    """The same context with something in the place of all that is not known, for a machine of one's own."""
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


def public_url(url: str) -> str:
    """The address as jobs take it: over https where it was ssh, without user and password.

    Source: Databricks documentation, "Git integration": Git folders and jobs clone over https only.
    """
    if azure := re.match(r"^git@ssh\.dev\.azure\.com:v3/([^/]+)/([^/]+)/(.+)$", url):
        return "https://dev.azure.com/{}/{}/_git/{}".format(*azure.groups())
    if ssh := re.match(r"^(?:ssh://)?[\w.-]+@([\w.-]+)(?::\d+/|[:/])(?!/)(.+)$", url):
        return "https://{}/{}".format(*ssh.groups())
    return re.sub(r"^(\w+://)[^/@]*@", r"\1", url)


def _checkout(root: Path) -> GitContext:
    facts = _git(
        root, "rev-parse", "--is-shallow-repository", "--show-prefix", "HEAD", "--symbolic-full-name", "HEAD"
    )
    settings = _git(root, "config", "--null", "--get-regexp", r"^(remote\.origin\.url|user\.email)$") or ""
    # entries are `key\nvalue`; git lists the least specific file first, so the last one of a key holds
    values = dict(entry.split("\n", 1) for entry in settings.split("\0") if "\n" in entry)
    user, url = values.get("user.email"), values.get("remote.origin.url")
    if facts is None:
        return GitContext(root, user=user)
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


def _git(root: Path, *arguments: str) -> str | None:
    """What git answers, or None where it does not."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def _source_commit(objects: _Objects, head: str, paths: Sequence[str]) -> str:
    """Walk from `head` to the first parent with the same inputs, until there is none.

    Every step keeps the inputs as they are at `head`, whatever merges lie between.
    """
    commit = head
    while True:
        same = (parent for parent in objects.parents(commit) if objects.same(commit, parent, paths))
        following = next(same, None)
        if following is None:
            return commit
        commit = following


class _Objects:
    """One git process that answers for all projects: parents of commits, ids of files and folders."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            ["git", "-C", str(root), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.parents = cache(self._parents)
        self._id = cache(self._look_up)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def exists(self, commit: str, path: str) -> bool:
        """Whether `path` is there at `commit`."""
        return bool(self._id(commit, path))

    def same(self, commit: str, other: str, paths: Sequence[str]) -> bool:
        """Whether all `paths` are the same at both commits."""
        return all(self._same(commit, other, path) for path in paths)

    def _same(self, commit: str, other: str, path: str) -> bool:
        # From the top: most commits leave a whole org or domain alone, and those answers are shared by
        # all projects.
        steps = path.split("/")
        above = ("/".join(steps[:depth]) for depth in range(1, len(steps) + 1))
        return any(self._id(commit, step) == self._id(other, step) for step in above)

    def _parents(self, commit: str) -> tuple[str, ...]:
        _, body = self._object(commit)
        lines = body.split(b"\n\n", 1)[0].split(b"\n")
        return tuple(line.split()[1].decode() for line in lines if line.startswith(b"parent "))

    def _look_up(self, commit: str, path: str) -> str:
        return self._object(f"{commit}:{path.rstrip('/')}")[0]

    def _object(self, name: str) -> tuple[str, bytes]:
        """Id and content of an object; ("", b"") where there is none."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{name}\n".encode())
        stdin.flush()
        header = stdout.readline().decode().rstrip("\n")
        if header.endswith(" missing"):
            return "", b""
        match header.split():
            case [identifier, _, size]:
                return identifier, stdout.read(int(size) + 1)
        raise OutsideError(f"git cannot read `{name}`; run `git fsck` in this checkout")
