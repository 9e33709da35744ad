"""The commit that a checkout is compared with: found, laid out as files, and what is different since."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mesh.errors import OutsideError
from mesh.git.checkout import GitContext, ask, told

_WORDS = {"A": "added", "D": "removed"}
_SUBMODULE = "160000"


@dataclass(frozen=True)
class ChangedFile:
    """A file that is not as it was.

    Args:
        path: from the mesh's root; one outside it begins with `../`.
        what: what happened to it: `added`, `removed` or `changed`.
    """

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path} {self.what}"

    def is_in(self, place: str) -> bool:
        """Whether it is `place`, or lies in it; or is the submodule that `place` lies in."""
        own, other = f"{self.path.rstrip('/')}/", f"{place}/"
        return own.startswith(other) or other.startswith(own)


def base_commit(git: GitContext, rev: str) -> str:
    """The commit that `rev` means, in full.

    Args:
        git: the checkout.
        rev: a commit as git takes it: an id, a branch, `HEAD~1`.

    Raises:
        OutsideError: this is no git checkout, or one without that commit.
    """
    if not git.head:
        raise OutsideError(f"what changed is told by git, and {git.why_no_head}")
    answer = ask(git.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    if answer is None:
        why = "it is shallow: `git fetch --unshallow`" if git.shallow else "`git fetch`, or correct the name"
        raise OutsideError(
            f"commit `{rev[:120]}` is not in this checkout ({why}; in CI check out with `fetch-depth: 0`)"
        )
    return answer.strip()


def changed_files(git: GitContext, commit: str) -> list[ChangedFile]:
    """The files of the working tree that are not as they were at `commit`, ignored ones left out."""
    diff = told(
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
    words = diff.split("\0")[:-1]
    found = {path: _WORDS.get(letter[0], "changed") for letter, path in zip(*[iter(words)] * 2, strict=True)}
    above = "../" * git.prefix.count("/")
    new = told(
        git.root, "ls-files", "--others", "--exclude-standard", "-z", "--full-name", "--", above or "."
    )
    found |= {path: "added" for path in new.split("\0")[:-1] if path not in found}
    return [ChangedFile(_from_root(path, git.prefix), what) for path, what in sorted(found.items())]


def _from_root(path: str, prefix: str) -> str:
    inside = path.startswith(prefix)
    return path.removeprefix(prefix) if inside else "../" * prefix.count("/") + path


@dataclass(frozen=True)
class Base:
    """A commit, laid out as files.

    Args:
        commit: the commit, in full.
        repository: the checkout's own top folder.
        root: the mesh's root as it was.
        absent: submodules whose commit is not here to be laid out, from the repository's root.
    """

    commit: str
    repository: Path
    root: Path
    absent: tuple[str, ...]


@contextmanager
def laid_out(git: GitContext, commit: str) -> Iterator[Base]:
    """A commit in a temporary folder, which shares the checkout's history; nothing is fetched.

    A submodule is there when the working tree's own checkout of it has the commit.

    Args:
        git: the checkout.
        commit: one that it has, in full.

    Raises:
        OutsideError: git cannot write the files.
    """
    top = Path(told(git.root, "rev-parse", "--show-toplevel").removesuffix("\n")).resolve()
    with _temporary() as folder:
        absent = tuple(_lay_out(top, commit, folder / "tree"))
        yield Base(commit, top, folder / "tree" / git.prefix, absent)


def _lay_out(repository: Path, commit: str, folder: Path) -> list[str]:
    """Write the files of a commit, and say which submodules are not among them."""
    history = told(repository, "rev-parse", "--absolute-git-dir").removesuffix("\n")
    folder.mkdir(parents=True, exist_ok=True)
    environ = {"GIT_DIR": history, "GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": f"{folder}.index"}
    told(repository, "read-tree", "--reset", "-u", commit, environ=environ)
    # whoever asks git in this folder asks the checkout's own history
    (folder / ".git").write_text(f"gitdir: {history}\n")
    absent: list[str] = []
    for entry in told(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0")[:-1]:
        facts, path = entry.split("\t", 1)
        mode, _, pinned = facts.split(" ")
        if mode != _SUBMODULE:
            continue
        if _has(repository / path, pinned):
            absent += (f"{path}/{below}" for below in _lay_out(repository / path, pinned, folder / path))
        elif not _is_empty(
            repository / path
        ):  # where it is, nobody has checked it out: nothing then, nothing now
            absent.append(path)
    return absent


def _has(submodule: Path, commit: str) -> bool:
    """Whether a submodule is checked out and knows a commit."""
    return (submodule / ".git").exists() and ask(
        submodule, "cat-file", "-e", f"{commit}^{{commit}}"
    ) is not None


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


@contextmanager
def _temporary() -> Iterator[Path]:
    """A folder that is gone afterwards, even when this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="mesh-base-"))
    # its input ends when this process does, however that comes about
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
