"""The files of a mesh at a commit, without a checkout of it."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import suppress
from hashlib import new, sha256
from pathlib import Path

from mesh.files.files import FILE, FOLDER, MOST_BYTES, Content, Files, read_beginning
from mesh.git.checkout import GitContext, run_git
from mesh.git.objects import GitObjects, TreeEntry

_FILES = ("100644", "100755", "100664")
_UNDECODABLE = "\N{REPLACEMENT CHARACTER}"
_SHA1_DIGITS = 40


class CommitFiles(Files):
    """The files of a mesh at a commit, byte for byte as they are committed.

    Files that are the same in the working tree are read there, which is faster than reading git's objects:
    they have the id that git computes from a content.

    Args:
        root: the mesh's root at the commit; its files need not be there.
        working_tree: the mesh's root in the working tree.
        ids: git's id of each file, by its path from the mesh's root.
        objects: the objects of the repository.
    """

    in_forks = False  # git's objects come from a process that answers one question at a time

    def __init__(self, root: Path, working_tree: Path, ids: Mapping[str, str], objects: GitObjects) -> None:
        super().__init__(root)
        self._working_tree = working_tree
        self._ids = ids
        self._objects = objects
        self._same: set[str] = set()  # files that the working tree has, too
        self._folders: dict[str, dict[str, str]] = {"": {}}
        for path in ids:
            self._add(path, FILE)

    def _add(self, path: str, kind: str) -> None:
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = {}
            self._add(folder, FOLDER)
        self._folders[folder][name] = kind

    def _list(self, folder: str) -> Mapping[str, str]:
        return self._folders.get(folder, {})

    def _follow(self, path: str) -> tuple[str, str, str]:
        kind = self._looked_up(path)  # there are no links
        return kind, path if kind else "", "" if kind else "no such file"

    def whole(self, path: str) -> bytes:
        """The whole content of a file, as it is committed.

        Args:
            path: a file that exists at the commit.
        """
        held = self._of_working_tree(path)
        return self._committed(path) if held is None else held

    def is_in_working_tree(self, path: str) -> bool:
        """True if the working tree has a file with the same content.

        Args:
            path: a file that exists at the commit.
        """
        return path in self._same or self._of_working_tree(path) is not None

    def _of_working_tree(self, path: str) -> bytes | None:
        with suppress(OSError):
            held = (self._working_tree / path).read_bytes()
            if self._is_same(path, held):
                return held
        return None

    def _is_same(self, path: str, held: bytes) -> bool:
        same = _git_id(held, self._ids[path]) == self._ids[path]
        if same:
            self._same.add(path)
        return same

    def _committed(self, path: str) -> bytes:
        [(_, content)] = self._objects.files(
            TreeEntry(b"100644", self._ids[path]), lambda _name, _entry: True
        )
        return content

    def _read(self, path: str) -> Content:
        if path not in self._ids:
            return FileNotFoundError(errno.ENOENT, "No such file or directory"), f"error {errno.ENOENT}"
        held = read_beginning(f"{self._working_tree}/{path}")
        # the beginning of a longer file is not the file, though it may be what is committed
        if isinstance(held[0], bytes) and len(held[0]) <= MOST_BYTES and self._is_same(path, held[0]):
            return held
        content = self._committed(path)[: MOST_BYTES + 1]
        return content, sha256(content).hexdigest()


def _git_id(content: bytes, example: str) -> str:
    """The id that git gives a file.

    Source: git documentation, "Git Objects" and "hash-function-transition".

    Args:
        content: the file's content.
        example: an id in the repository, which tells its method.
    """
    method = "sha1" if len(example) == _SHA1_DIGITS else "sha256"
    return new(method, f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def committed_ids(git: GitContext, commit: str) -> dict[str, str] | None:
    """The ids of all files of a mesh at a commit; None if the commit has more than plain files.

    Args:
        git: the checkout.
        commit: the full id of the commit.

    Returns:
        None if there are links or submodules, or names that are not UTF-8: then a checkout is necessary.
    """
    ids = {}
    listed = run_git(git.root, "ls-tree", "-r", "-z", "--full-tree", commit)
    if _UNDECODABLE in listed:
        return None
    for entry in listed.split("\0")[:-1]:
        facts, path = entry.split("\t", 1)
        mode, _, id = facts.split(" ")
        if mode not in _FILES:
            return None
        if path.startswith(git.prefix):
            ids[path.removeprefix(git.prefix)] = id
    return ids
