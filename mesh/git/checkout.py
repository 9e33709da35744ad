"""What git knows of the mesh: where its code is, and the source commit of each project.

The source commit of a project is the last commit that touched its inputs: the inputs at that commit are
byte for byte those at HEAD, so a commit elsewhere changes nothing for this project.
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
from mesh.git.objects import Commit, Entry, GitObjects, git_environ

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
        refused: what git says when it does not read the checkout; None when it does, or there is none.
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
    refused: str | None = None
    lenient: bool = False

    @property
    def why_no_head(self) -> str:
        """Why no commit is checked out, when there is none, and what to do about it."""
        if self.refused:
            return f"git does not read the checkout at {self.root}; it says:\n{self.refused}"
        return f"{self.root} is no git checkout with a commit (commit first)"

    def source_commits(self, inputs: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The source commit of each project.

        Args:
            inputs: by project, its own folder and what else it is made of, from the mesh's root.

        Raises:
            OutsideError: this is no git checkout, or one that lacks the history that tells.
        """
        if self.commit:
            return dict.fromkeys(inputs, self.commit)
        if not self.head:
            raise OutsideError(f"no commit is known, and MESH_GIT_COMMIT is not set: {self.why_no_head}")
        paths = {project: [self.prefix + path for path in given] for project, given in inputs.items()}
        with GitObjects(self.root) as objects:
            history = _History(objects, chain(*paths.values()))
            return {project: self._source_commit(history, self.head, paths[project]) for project in inputs}

    def _source_commit(self, history: _History, head: str, paths: Sequence[str]) -> str:
        if history.exists(head, paths[0]):
            return _source_commit(history, head, paths)
        if self.lenient:
            return head
        missing = paths[0].removeprefix(self.prefix)
        raise OutsideError(f"{missing} is not committed, so no job could check it out: commit it first")


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


def keep_out(folder: Path) -> None:
    """Make a folder that git never sees, so that what tools keep there does not count as work."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")


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
    facts, refused = _run(
        root, "rev-parse", "--is-shallow-repository", "--show-prefix", "HEAD", "--symbolic-full-name", "HEAD"
    )
    settings = ask(root, "config", "--null", "--get-regexp", r"^(remote\.origin\.url|user\.email)$") or ""
    # entries are `key\nvalue`; git lists the least specific file first, so the last one of a key holds
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


def ask(root: Path, *arguments: str) -> str | None:
    """What git answers in the checkout around `root`, or None where it does not."""
    return _run(root, *arguments)[0]


def told(root: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
    """What git answers in the checkout around `root`.

    Args:
        root: a folder of the checkout.
        arguments: git's own.
        environ: variables that it gets besides.

    Raises:
        OutsideError: with git's own words, when it does not.
    """
    answer, why = _run(root, *arguments, environ=environ)
    if answer is None:
        raise OutsideError(f"`git {' '.join(arguments)}` failed in {root}: {why or 'no git checkout'}")
    return answer


def _run(
    root: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> tuple[str | None, str | None]:
    """What git answers; or None, and why it does not read a checkout that is there."""
    command = ["git", "-C", str(root), *arguments]
    try:
        # names of files may be anything but UTF-8
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
    # without a commit, `HEAD` is a name that git does not know; everything else is git's to explain
    unborn = "'HEAD'" in done.stderr
    return None, done.stderr.strip() if _has_checkout(root) and not unborn else None


def _has_checkout(root: Path) -> bool:
    place = root.resolve()
    return any((folder / ".git").exists() for folder in (place, *place.parents))


def _source_commit(history: _History, head: str, paths: Sequence[str]) -> str:
    """Walk from `head` to the first parent with the same inputs, until there is none.

    Every step keeps the inputs as they are at `head`, whatever merges lie between.
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
    """What differs between commits, for all projects at once.

    Args:
        objects: the repository's.
        paths: what is looked at in each commit, from the repository's root.
    """

    def __init__(self, objects: GitObjects, paths: Iterable[str]) -> None:
        self._objects = objects
        self._paths = frozenset(paths)
        self._below: dict[str, set[str]] = {}  # by folder, the names on the way to a path
        for path in self._paths:
            steps = path.split("/")
            for depth, name in enumerate(steps):
                self._below.setdefault("/".join(steps[:depth]), set()).add(name)
        self.changed = cache(self._changed)

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents of a commit, the first one first."""
        return self._commit(commit).parents

    def exists(self, commit: str, path: str) -> bool:
        """Whether `path` is there at `commit`."""
        return bool(self._objects.at(self._commit(commit), path).id)

    def _changed(self, commit: str, other: str) -> frozenset[str]:
        """Those of the paths that are not the same at both commits."""
        found: set[str] = set()
        self._compare("", self._commit(commit).top, self._commit(other).top, found)
        return frozenset(found)

    def _compare(self, path: str, one: Entry, two: Entry, found: set[str]) -> None:
        # Only where two folders differ does it look into them: most commits leave most of the mesh alone.
        if one == two:
            return
        if path in self._paths:
            found.add(path)
        held, inside = self._objects.held, self._objects.inside
        names = self._below.get(path, set())
        if names and not one.is_submodule and not two.is_submodule:
            names = names & {name for name, _ in held(one).items() ^ held(two).items()}
        for name in names:
            below = f"{path}/{name}" if path else name
            self._compare(below, inside(one, name), inside(two, name), found)

    def _commit(self, commit: str) -> Commit:
        found = self._objects.commit(commit)
        if found is None:
            raise OutsideError(
                f"this git checkout lacks commit {commit} (it is shallow), so what last touched a project "
                "is not known: fetch the whole history (`git fetch --unshallow`; in CI `fetch-depth: 0`), "
                "or set MESH_GIT_COMMIT"
            )
        return found
