"""The files below a mesh's root, as one command reads them: each folder is listed once, each file read once.

All paths are relative to the root, with `/`; the root itself is "". Links are followed, as by the system, and
`leaves` tells where one leads out of the root. Every answer is recorded, so that kept results can be checked.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import translate
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from mesh.files.answers import Answers, Questions

FILE, FOLDER, LINK, OTHER, MISSING = "file", "folder", "link", "other", ""
"""The kinds of entries."""

MOST_BYTES = 1_000_000
_PART = 65_536
_MAGIC = re.compile("[*?[]")

Content = tuple[bytes | OSError, str]


class Files:
    """Answers questions about the files below a root, and records the answers.

    Args:
        root: the mesh's root, without links.
    """

    in_forks = True
    """True if forks of this process may use the object."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answers = Answers()
        self._top = str(root)
        self._listings: dict[str, Mapping[str, str] | None] = {}
        self._contents: dict[str, Content] = {}
        self._inside: set[str] = set()  # folders on whose paths is no link, as far as recorded

    @contextmanager
    def recording(self) -> Iterator[Answers]:
        """Records answers separately, for one part of the mesh; forgets the contents of files afterwards."""
        outer, inside = self.answers, self._inside
        self.answers, self._inside = Answers(), set()
        try:
            yield self.answers
        finally:
            self.answers, self._inside = outer, inside
            self._contents.clear()

    def kind(self, path: str) -> str:
        """FILE, FOLDER, OTHER or MISSING; of a link, what it leads to."""
        entry = self._entry(path)
        return self._followed(path)[0] if entry == LINK else entry

    def is_link(self, path: str) -> bool:
        """True for a link, also if it leads nowhere."""
        return self._entry(path) == LINK

    def is_there(self, path: str) -> bool:
        """True if there is an entry, also if it is a link that leads nowhere."""
        return self._entry(path) != MISSING

    def names(self, folder: str) -> list[str]:
        """The names in a folder, in order; none if it is no folder or cannot be listed."""
        listing = self._listing(folder)
        if folder not in self.answers.names:
            self.answers.names[folder] = _as_text(listing)
        return sorted(listing or ())

    def folders(self, folder: str) -> list[str]:
        """The names of the folders in a folder, in order, without those that are links."""
        listing = self._listing(folder) or {}
        return [name for name in self.names(folder) if listing[name] == FOLDER]

    def leaves(self, path: str) -> bool:
        """True if links on the path lead out of the root."""
        steps = path.split("/")
        for depth in range(1, len(steps)):
            folder = "/".join(steps[:depth])
            if folder not in self._inside:
                if self._entry(folder) == LINK:
                    return not self._followed(path)[1]
                self._inside.add(folder)
        return self._entry(path) == LINK and not self._followed(path)[1]

    def why_missing(self, path: str) -> str:
        """The system's reason why a link leads nowhere."""
        return self._followed(path)[2]

    def content(self, path: str) -> bytes:
        """The content of a file, cut after MOST_BYTES + 1 bytes.

        Raises:
            OSError: the system cannot read it.
        """
        held = self._contents.get(path)
        if held is None:
            held = self._contents[path] = self._read(path)
        content, self.answers.contents[path] = held
        if isinstance(content, OSError):
            raise content
        return content

    def beginning(self, path: str) -> bytes:
        """The content of a file, cut after MOST_BYTES + 1 bytes; nothing if the system cannot read it."""
        try:
            return self.content(path)
        except OSError:
            return b""

    def below(self, folder: str, pattern: str) -> Iterator[str]:
        """The entries that match a pattern of names, `*`, `?`, `[…]` and `**`, as `pathlib` finds them.

        Args:
            folder: the folder that the pattern begins at.
            pattern: with `/` between names; `**` stands for any number of folders.

        Raises:
            ValueError: `**` is a part of a name.
        """
        parts = pattern.split("/")
        if any("**" in part and part != "**" for part in parts):
            raise ValueError(pattern)
        yield from dict.fromkeys(self._matching(folder, parts))

    def answered(self, questions: Questions) -> Answers:
        """The present answers to questions; nothing is recorded, and no content is kept."""
        return Answers(
            {folder: _as_text(self._listing(folder)) for folder in questions.names},
            {path: self._looked_up(path) for path in questions.entries},
            {path: "\0".join(self._follow(path)) for path in questions.links},
            {path: self._read(path)[1] for path in questions.contents},
        )

    def _matching(self, folder: str, parts: list[str]) -> Iterator[str]:
        part, rest = parts[0], parts[1:]
        if part == "**":
            for below in self._folders_below(folder):
                yield from self._matching(below, rest) if rest else [below]
            return
        if _MAGIC.search(part):
            matches = _matcher(part)
            found = [_joined(folder, name) for name in self.names(folder) if matches(name)]
        else:
            found = [_joined(folder, part)]
        for path in found:
            if not rest:
                if self.kind(path) or _MAGIC.search(part):
                    yield path
            elif self.kind(path) == FOLDER:
                yield from self._matching(path, rest)

    def _folders_below(self, folder: str) -> Iterator[str]:
        """The folder and all folders in it, without those that are links."""
        waiting = [folder]
        while waiting:
            yield (below := waiting.pop())
            waiting += reversed([_joined(below, name) for name in self.folders(below)])

    def _entry(self, path: str) -> str:
        entry = self._looked_up(path)
        if path.rpartition("/")[0] not in self.answers.names:
            self.answers.entries[path] = entry
        return entry

    def _followed(self, path: str) -> tuple[str, bool, str]:
        kind, real, why = self._follow(path)
        self.answers.links[path] = f"{kind}\0{real}\0{why}"
        return kind, real != "", why

    def _looked_up(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        listing = self._listing(folder)
        if listing is None:  # the system may know an entry in a folder that it does not list
            return _kind_of(f"{self._top}/{path}")
        return listing.get(name, MISSING) if name else FOLDER

    def _listing(self, folder: str) -> Mapping[str, str] | None:
        """The kind of each entry by name; empty if it is no folder, None if it cannot be listed."""
        try:
            return self._listings[folder]
        except KeyError:
            listing = self._listings[folder] = self._list(folder)
            return listing

    # What follows asks the system

    def _list(self, folder: str) -> Mapping[str, str] | None:
        try:
            with os.scandir(f"{self._top}/{folder}") as entries:
                return {
                    one.name: FILE if one.is_file(follow_symlinks=False) else _kind_of_other(one)
                    for one in entries
                }
        except PermissionError:
            return None
        except (OSError, ValueError):  # missing, no folder, or no possible name
            return {}

    def _follow(self, path: str) -> tuple[str, str, str]:
        """The kind that a path leads to, its real path from the root, and why it leads nowhere.

        The real path is "" outside of the root; of the root itself it is ".".
        """
        full = f"{self._top}/{path}"
        try:
            real = os.path.relpath(os.path.realpath(full), self._top)
            mode = Path(full).stat().st_mode
        except (OSError, ValueError) as error:
            circle = isinstance(error, OSError) and error.errno == errno.ELOOP
            why = "links in a circle" if circle else getattr(error, "strerror", None) or "no such file"
            return MISSING, "", why
        kind = FOLDER if S_ISDIR(mode) else FILE if S_ISREG(mode) else OTHER
        return kind, "" if real.split("/")[0] == ".." else real, ""

    def _read(self, path: str) -> Content:
        """The beginning of a file with the hash of it, or the error with its name."""
        return read_beginning(f"{self._top}/{path}")


def _kind_of_other(entry: os.DirEntry[str]) -> str:
    return FOLDER if entry.is_dir(follow_symlinks=False) else LINK if entry.is_symlink() else OTHER


def _as_text(listing: Mapping[str, str] | None) -> str:
    return "?" if listing is None else "\0".join(sorted(f"{name}/{kind}" for name, kind in listing.items()))


def _kind_of(path: str) -> str:
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return MISSING
    return LINK if S_ISLNK(mode) else FOLDER if S_ISDIR(mode) else FILE if S_ISREG(mode) else OTHER


def read_beginning(path: str) -> Content:
    """The first MOST_BYTES + 1 bytes of a file with their hash, or the error with its name.

    Args:
        path: the file.
    """
    try:
        # a pipe in place of the file would block
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            content = os.read(file, _PART)
            if len(content) == _PART:
                parts, size = [content], _PART
                while size <= MOST_BYTES and (part := os.read(file, MOST_BYTES + 1 - size)):
                    parts.append(part)
                    size += len(part)
                content = b"".join(parts)
        finally:
            os.close(file)
    except (OSError, ValueError) as error:
        wrong = error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error))
        return wrong, f"error {wrong.errno}"
    return content, sha256(content).hexdigest()


@lru_cache
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(pattern)).fullmatch


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
