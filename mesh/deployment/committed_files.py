"""Files of the mesh at a commit, independent of the working tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Self

from mesh.errors import OutsideError
from mesh.git.checkout import GitContext
from mesh.git.objects import Commit, GitObjects, TreeEntry
from mesh.model.code import FilesBelow, is_kept


class CommittedFiles:
    """Reads files at commits with one git process for all projects, started at the first read.

    Args:
        git: the checkout.
    """

    def __init__(self, git: GitContext) -> None:
        self._git = git
        self._objects = GitObjects(git.root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._objects.__exit__(kind, error, trace)

    def files(self, commit: str, folders: Sequence[str]) -> FilesBelow | None:
        """Returns a reader of the files of a commit; None if the working tree is to be read instead.

        Hidden files, caches, links and submodules are left out, as in the working tree.

        Args:
            commit: its id.
            folders: folders that must exist, relative to the mesh's root; at least one.

        Raises:
            OutsideError: the commit is missing, or one of the folders in it.
        """
        commit_object = self._objects.commit(commit)
        missing = [
            folder for folder in folders if not (commit_object and self._is_there(commit_object, folder))
        ]
        if commit_object and not missing:
            return partial(self._below, commit_object)
        if self._git.lenient:
            return None
        if commit_object is None:
            lacks = "this checkout lacks it (fetch it; in CI `fetch-depth: 0`)"
            why = lacks if self._git.head else self._git.why_no_head
            raise OutsideError(f"{folders[0]} is uploaded as of commit {commit}, but {why}")
        raise OutsideError(f"{missing[0]} is not committed, so jobs cannot use it (commit it first)")

    def _is_there(self, commit: Commit, place: str) -> bool:
        return bool(self._objects.at(commit, self._git.prefix + place).id)

    def _below(self, commit: Commit, place: str) -> dict[str, bytes]:
        entry = self._objects.at(commit, self._git.prefix + place)
        files = self._objects.files(entry, _is_kept)
        return {f"{place}/{path}" if path else place: content for path, content in files}


def _is_kept(name: str, entry: TreeEntry) -> bool:
    return is_kept(name, entry.is_folder)
