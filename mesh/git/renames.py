"""The renames that git detects between an earlier commit and the working tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from mesh.git.checkout import query_git

# git documentation, "git-clone": `origin/HEAD` is the remote's default branch; not every checkout records it
_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
# the ids of an empty file, in SHA-1 and SHA-256: empty files are equal everywhere
_EMPTY = {
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
}


@dataclass(frozen=True)
class FileRenames:
    """The files that were removed, added and renamed since a commit, relative to the mesh's root.

    A renamed file is in all three fields. Empty files are left out.

    Args:
        removed: the ids of the contents of removed files, by path.
        added: the ids of the contents of added files, by path; zeros where git has not stored the content.
        renamed: the similarity of the old and the new file in percent, by the old and the new path.
    """

    removed: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def alike(
        self, former: str, folders: Collection[str], counts: Callable[[PurePosixPath], bool] = bool
    ) -> dict[str, int]:
        """How much of a former folder other folders contain now, in percent: the mean over its removed files.

        Args:
            former: the former folder.
            folders: the folders that may be the renamed folder.
            counts: True for the removed files to compare; if it is False for all of them, all are compared.

        Returns:
            The percentage by folder, without folders that contain nothing of the former folder.
        """
        removed = [path for path in self.removed if path.startswith(f"{former}/")]
        removed = [path for path in removed if counts(PurePosixPath(path))] or removed
        total: dict[str, int] = {}
        for path in removed:
            best: dict[str, int] = {}
            for other, alike in self._successors(path):
                for folder in _above(other) & set(folders):
                    best[folder] = max(alike, best.get(folder, 0))
            for folder, alike in best.items():
                total[folder] = total.get(folder, 0) + alike
        return {folder: alike // len(removed) for folder, alike in total.items()}

    def _successors(self, path: str) -> Iterator[tuple[str, int]]:
        """The new file that git names for a former one, and all others with the same content."""
        yield from self._renamed.get(path, ())
        yield from ((other, 100) for other in self._by_id.get(self.removed[path], ()))

    @cached_property
    def _renamed(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        successors: dict[str, list[tuple[str, int]]] = {}
        for (former, path), alike in self.renamed.items():
            successors.setdefault(former, []).append((path, alike))
        return successors

    @cached_property
    def _by_id(self) -> Mapping[str, Sequence[str]]:
        paths: dict[str, list[str]] = {}
        for path, id in self.added.items():
            paths.setdefault(id, []).append(path)
        return paths


def _above(path: str) -> set[str]:
    """All folders above a file."""
    return {parent.as_posix() for parent in PurePosixPath(path).parents}


NO_RENAMES = FileRenames()
RenamesSince = Callable[[str | None], FileRenames]


def no_renames(commit: str | None) -> FileRenames:
    """Returns no renames, whatever the commit; for callers without a checkout."""
    return NO_RENAMES


def renames_in(root: Path) -> RenamesSince:
    """Returns a function that returns the renames in a checkout since a commit.

    If the commit is None or not in the checkout, the function takes the merge base with the default branch,
    or HEAD if there is no such branch. It calls git once for each commit.

    Args:
        root: the mesh's root, in the checkout.
    """

    @cache
    def since(commit: str | None) -> FileRenames:
        base = _base(root, commit)
        return _renames(root, base) if base else NO_RENAMES

    return since


def _base(root: Path, commit: str | None) -> str | None:
    """The id of the commit to compare with; None outside a git checkout."""
    if commit and _COMMIT.fullmatch(commit) and (known := _id(root, commit)):
        return known
    for branch in _DEFAULT_BRANCHES:
        if (tip := _id(root, branch)) and (base := query_git(root, "merge-base", "HEAD", tip)):
            return base.strip()
    return _id(root, "HEAD")


def _id(root: Path, rev: str) -> str | None:
    answer = query_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    return answer.strip() if answer else None


def _renames(root: Path, commit: str) -> FileRenames:
    diff = query_git(
        root,
        "--no-optional-locks",
        "diff",
        "--no-ext-diff",
        "--raw",
        "--no-abbrev",
        "--find-renames=50%",  # git's own default, whatever the settings say
        "--no-rename-empty",
        "-l1000",
        "--relative",
        "--ignore-submodules",
        "-z",
        commit,
        "--",
    )
    return parse_renames(diff or "")


def parse_renames(diff: str) -> FileRenames:
    """The renames in the output of `git diff --raw -z`.

    Source: git documentation, "Raw output format".
    """
    removed: dict[str, str] = {}
    added: dict[str, str] = {}
    renamed: dict[tuple[str, str], int] = {}
    fields = iter(diff.split("\0"))
    for entry in fields:
        if not entry:
            continue
        *_, old, new, status = entry.split(" ")
        path = next(fields)
        if status.startswith("R"):
            other = next(fields)
            removed[path], added[other] = old, new
            renamed[path, other] = int(status[1:])
        elif status == "D":
            removed[path] = old
        elif status == "A":
            added[path] = new
    return FileRenames(
        {path: id for path, id in removed.items() if id not in _EMPTY},
        {path: id for path, id in added.items() if id not in _EMPTY},
        renamed,
    )
