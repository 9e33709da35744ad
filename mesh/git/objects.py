"""The objects of a git repository: commits, folders and files, read through one git process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from mesh.errors import OutsideError

# Git documentation, "githooks": hooks inherit these variables, and they override the working directory
_HOOK_VARIABLES = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}


def git_environ() -> dict[str, str]:
    """The environment of git: English output, no inherited GIT_* variables."""
    kept = {key: value for key, value in os.environ.items() if key not in _HOOK_VARIABLES}
    return kept | {"LC_ALL": "C"}


class TreeEntry(NamedTuple):
    """An entry of a folder: mode and id, as in a git tree. Both are empty if there is no entry."""

    mode: bytes = b""
    id: str = ""

    @property
    def is_submodule(self) -> bool:
        """True for a submodule, a commit of another repository."""
        return self.mode == b"160000"

    @property
    def is_folder(self) -> bool:
        """True for a folder."""
        return self.mode == b"40000"

    @property
    def is_file(self) -> bool:
        """True for a regular file; False for a link."""
        return self.mode.startswith(b"100")


class Commit(NamedTuple):
    """A commit: its top folder and its parents, in order."""

    top: TreeEntry
    parents: tuple[str, ...]


class GitObjects:
    """The objects of a repository; the git process starts on first use and ends with the context.

    Content is returned as committed, byte for byte: line ends are not converted, and a file in Git LFS is
    its pointer.

    Args:
        root: a folder in the checkout.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self.commit = cache(self._read_commit)
        self.folder = cache(self._read_folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.communicate()

    def inside(self, entry: TreeEntry, name: str) -> TreeEntry:
        """The entry with this name in a folder."""
        if entry.is_submodule:  # its files are in another repository and change with its commit
            return entry
        return self.entries(entry).get(name, TreeEntry())

    def entries(self, entry: TreeEntry) -> Mapping[str, TreeEntry]:
        """The entries of a folder, by name; none if it is not a folder."""
        return self.folder(entry.id) if entry.is_folder else {}

    def at(self, commit: Commit, path: str) -> TreeEntry:
        """The entry at a path, relative to the repository's top."""
        entry = commit.top
        for step in path.split("/"):
            entry = self.inside(entry, step)
        return entry

    def files(
        self, entry: TreeEntry, included: Callable[[str, TreeEntry], bool]
    ) -> Iterator[tuple[str, bytes]]:
        """All files below an entry, as relative path and content; the path is `""` for a file.

        Args:
            entry: a file or folder.
            included: returns whether an entry with this name is read; called for every folder.

        Raises:
            OutsideError: git lacks the content.
        """
        if entry.is_file:
            yield "", self._content(entry)
        for name, below in sorted(self.entries(entry).items()):
            if included(name, below):
                for path, content in self.files(below, included):
                    yield f"{name}/{path}" if path else name, content

    def _read_commit(self, commit: str) -> Commit | None:
        """Reads a commit; None if the checkout lacks it."""
        body = self._object(f"{commit}^{{commit}}")
        if body is None:
            return None
        # lines of a signature begin with a space
        head = body.split(b"\n\n", 1)[0].decode("ascii", "replace").split("\n")
        tree, *_ = (line.removeprefix("tree ") for line in head if line.startswith("tree "))
        parents = tuple(line.removeprefix("parent ") for line in head if line.startswith("parent "))
        return Commit(TreeEntry(b"40000", tree), parents)

    def _read_folder(self, tree: str) -> Mapping[str, TreeEntry]:
        # Git documentation, "gitformat-tree" and "Git Objects": repeated `<mode> <name>\0<id>`
        body, at, entries = self._content(TreeEntry(b"40000", tree)), 0, {}
        while at < len(body):
            end = body.index(b"\0", at)
            mode, name = body[at:end].split(b" ", 1)
            at = end + 1 + len(tree) // 2
            entries[os.fsdecode(name)] = TreeEntry(mode, body[end + 1 : at].hex())
        return entries

    def _content(self, entry: TreeEntry) -> bytes:
        body = self._object(entry.id)
        if body is None:
            raise OutsideError(f"git cannot read `{entry.id}`: run `git fsck` in this checkout")
        return body

    def _object(self, identifier: str) -> bytes | None:
        """The content of an object; None if it does not exist."""
        process = self._process = self._process or self._start()
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(f"{identifier}\n".encode())
            stdin.flush()
        except BrokenPipeError:  # there is no repository
            return None
        header = stdout.readline().split()
        if len(header) != 3:
            return None
        return stdout.read(int(header[2]) + 1)[:-1]

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                ["git", "-C", str(self._root), "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # an object that `git replace` replaces here is the original one for those who clone
                env={**git_environ(), "GIT_NO_REPLACE_OBJECTS": "1"},
            )
        except FileNotFoundError:
            raise OutsideError("git is not installed (install it)") from None
