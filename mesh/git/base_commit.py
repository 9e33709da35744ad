"""The base commit of a comparison: its id, its files in a temporary folder, and the changes since."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mesh.errors import OutsideError
from mesh.git.checkout import GitContext, query_git, run_git

_CHANGES = {"A": "added", "D": "removed"}
_SUBMODULE = "160000"


@dataclass(frozen=True)
class ChangedFile:
    """A file that changed since the base commit.

    Args:
        path: relative to the mesh's root; outside it the path begins with `../`.
        what: `added`, `removed` or `changed`.
    """

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path} {self.what}"

    def is_in(self, path: str) -> bool:
        """True if the file is `path`, is in it, or is the submodule that contains `path`."""
        own, other = f"{self.path.rstrip('/')}/", f"{path}/"
        return own.startswith(other) or other.startswith(own)


def base_commit(git: GitContext, rev: str) -> str:
    """Returns the full id of a commit.

    Args:
        git: the checkout.
        rev: a revision of git: an id, a branch, `HEAD~1`.

    Raises:
        OutsideError: this is not a git checkout, or it lacks the commit.
    """
    if not git.head:
        raise OutsideError(f"a comparison needs git, but {git.why_no_head}")
    answer = query_git(git.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    if answer is None:
        why = "it is shallow: `git fetch --unshallow`" if git.shallow else "`git fetch`, or correct the name"
        raise OutsideError(
            f"commit `{rev[:120]}` is not in this checkout ({why}; in CI check out with `fetch-depth: 0`)"
        )
    return answer.strip()


def changed_files(git: GitContext, commit: str) -> list[ChangedFile]:
    """The files of the working tree that differ from `commit`, without files that git ignores."""
    diff = run_git(
        git.root,
        "--no-optional-locks",
        "diff",
        "--no-ext-diff",
        "--no-renames",
        "--no-relative",
        "--ignore-submodules=dirty",
        "--name-status",
        "-z",
        commit,
        "--",
    )
    fields = diff.split("\0")[:-1]
    changes = {
        path: _CHANGES.get(letter[0], "changed") for letter, path in zip(*[iter(fields)] * 2, strict=True)
    }
    above = "../" * git.prefix.count("/")
    new = run_git(
        git.root, "ls-files", "--others", "--exclude-standard", "-z", "--full-name", "--", above or "."
    )
    changes |= {path: "added" for path in new.split("\0")[:-1] if path not in changes}
    return [ChangedFile(_from_root(path, git.prefix), what) for path, what in sorted(changes.items())]


def _from_root(path: str, prefix: str) -> str:
    inside = path.startswith(prefix)
    return path.removeprefix(prefix) if inside else "../" * prefix.count("/") + path


@dataclass(frozen=True)
class Base:
    """The files of a commit.

    Args:
        commit: the full id of the commit.
        repository: the top folder of the checkout.
        root: the mesh's root at that commit.
        absent: submodules whose commit is missing here, relative to the repository's top.
    """

    commit: str
    repository: Path
    root: Path
    absent: tuple[str, ...] = ()


@contextmanager
def checkout_of(git: GitContext, commit: str) -> Iterator[Base]:
    """Writes the files of a commit into a temporary folder, which shares the checkout's history.

    Nothing is fetched. A submodule is included if the working tree's checkout of it has the commit.

    Args:
        git: the checkout.
        commit: the full id of a commit in it.

    Raises:
        OutsideError: git cannot write the files.
    """
    top = Path(run_git(git.root, "rev-parse", "--show-toplevel").removesuffix("\n")).resolve()
    with _temporary() as folder:
        absent = tuple(_write_files(top, commit, folder / "tree"))
        yield Base(commit, top, folder / "tree" / git.prefix, absent)


@contextmanager
def outline_of(git: GitContext, commit: str) -> Iterator[Base]:
    """A temporary folder as `checkout_of` makes it, without the files: only commands of git work in it.

    Args:
        git: the checkout.
        commit: the full id of a commit in it.

    Raises:
        OutsideError: git cannot read the checkout.
    """
    answer = run_git(git.root, "rev-parse", "--show-toplevel", "--absolute-git-dir")
    top, history = answer.removesuffix("\n").rsplit("\n", 1)
    with _temporary() as folder:
        root = folder / "tree" / git.prefix
        root.mkdir(parents=True)
        _share_history(folder / "tree", history)
        yield Base(commit, Path(top).resolve(), root)


def _share_history(folder: Path, history: str) -> None:
    """Lets git commands in a folder use the history of a checkout."""
    (folder / ".git").write_text(f"gitdir: {history}\n")


def _write_files(repository: Path, commit: str, folder: Path) -> list[str]:
    """Writes the files of a commit; returns the submodules that are missing."""
    history = run_git(repository, "rev-parse", "--absolute-git-dir").removesuffix("\n")
    folder.mkdir(parents=True, exist_ok=True)
    environ = {"GIT_DIR": history, "GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": f"{folder}.index"}
    run_git(repository, "read-tree", "--reset", "-u", commit, environ=environ)
    _share_history(folder, history)
    absent: list[str] = []
    for entry in run_git(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0")[:-1]:
        facts, path = entry.split("\t", 1)
        mode, _, pinned = facts.split(" ")
        if mode != _SUBMODULE:
            continue
        if _has(repository / path, pinned):
            absent += (f"{path}/{below}" for below in _write_files(repository / path, pinned, folder / path))
        elif not _is_empty(
            repository / path
        ):  # an empty folder is not checked out: it has no files at either commit
            absent.append(path)
    return absent


def _has(submodule: Path, commit: str) -> bool:
    """True if a submodule is checked out and has a commit."""
    return (submodule / ".git").exists() and query_git(
        submodule, "cat-file", "-e", f"{commit}^{{commit}}"
    ) is not None


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


@contextmanager
def _temporary() -> Iterator[Path]:
    """A folder that is removed afterwards, even if this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="mesh-base-"))
    # its standard input ends with this process, even if that is killed
    remover = subprocess.Popen(
        ["sh", "-c", 'cat >/dev/null; rm -rf -- "$0"', str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        remover.communicate()
