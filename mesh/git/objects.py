"""What a git repository holds: commits, folders and files as they were committed, told by one git process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from mesh.errors import OutsideError

# Git documentation, "githooks": a hook inherits them, and they win over the folder that git is run in
_OF_A_HOOK = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}


def git_environ() -> dict[str, str]:
    """What git is told beside its arguments: speak English, and look where it is run."""
    kept = {key: value for key, value in os.environ.items() if key not in _OF_A_HOOK}
    return kept | {"LC_ALL": "C"}


class Entry(NamedTuple):
    """What a folder holds under a name: mode and id, as git's trees say them. Both are empty for nothing."""

    mode: bytes = b""
    id: str = ""

    @property
    def is_submodule(self) -> bool:
        """Whether it is a commit of another repository."""
        return self.mode == b"160000"

    @property
    def is_folder(self) -> bool:
        """Whether others are in it."""
        return self.mode == b"40000"

    @property
    def is_file(self) -> bool:
        """Whether it has content of its own; a link has none."""
        return self.mode.startswith(b"100")


class Commit(NamedTuple):
    """What is known of a commit: the folder at its top, and its parents, the first one first."""

    top: Entry
    parents: tuple[str, ...]


class GitObjects:
    """A repository's objects; the git process starts at the first question and ends with the context.

    Content is what was committed, byte for byte: no line ends are changed, and a file that is kept by Git LFS
    is its pointer.

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

    def inside(self, entry: Entry, name: str) -> Entry:
        """What a folder holds under a name."""
        if entry.is_submodule:  # its files are in another repository: they change when its commit does
            return entry
        return self.held(entry).get(name, Entry())

    def held(self, entry: Entry) -> Mapping[str, Entry]:
        """All that a folder holds, by name; nothing for what is none."""
        return self.folder(entry.id) if entry.is_folder else {}

    def at(self, commit: Commit, path: str) -> Entry:
        """What a commit holds at a path from the repository's top."""
        entry = commit.top
        for step in path.split("/"):
            entry = self.inside(entry, step)
        return entry

    def files(self, entry: Entry, kept: Callable[[str, Entry], bool]) -> Iterator[tuple[str, bytes]]:
        """All files below an entry with their content, by path from there; `""` where it is a file itself.

        Args:
            entry: a file or folder.
            kept: whether what has that name is looked at, whatever the folder.

        Raises:
            OutsideError: git does not have the content.
        """
        if entry.is_file:
            yield "", self._content(entry)
        for name, below in sorted(self.held(entry).items()):
            if kept(name, below):
                for path, content in self.files(below, kept):
                    yield f"{name}/{path}" if path else name, content

    def _read_commit(self, commit: str) -> Commit | None:
        """A commit; None where the checkout lacks it."""
        body = self._object(f"{commit}^{{commit}}")
        if body is None:
            return None
        # a signature in between has lines of its own, which begin with a space
        head = body.split(b"\n\n", 1)[0].decode("ascii", "replace").split("\n")
        tree, *_ = (line.removeprefix("tree ") for line in head if line.startswith("tree "))
        parents = tuple(line.removeprefix("parent ") for line in head if line.startswith("parent "))
        return Commit(Entry(b"40000", tree), parents)

    def _read_folder(self, tree: str) -> Mapping[str, Entry]:
        # Git documentation, "gitformat-tree" and "Git Objects": `<mode> <name>\0<id>`, again and again
        body, at, held = self._content(Entry(b"40000", tree)), 0, {}
        while at < len(body):
            end = body.index(b"\0", at)
            mode, name = body[at:end].split(b" ", 1)
            at = end + 1 + len(tree) // 2
            held[os.fsdecode(name)] = Entry(mode, body[end + 1 : at].hex())
        return held

    def _content(self, entry: Entry) -> bytes:
        body = self._object(entry.id)
        if body is None:
            raise OutsideError(f"git cannot read `{entry.id}`: run `git fsck` in this checkout")
        return body

    def _object(self, identifier: str) -> bytes | None:
        """The content of an object; None where there is none."""
        process = self._process = self._process or self._started()
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

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                ["git", "-C", str(self._root), "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=git_environ(),
            )
        except FileNotFoundError:
            raise OutsideError("git is not installed (install it)") from None
