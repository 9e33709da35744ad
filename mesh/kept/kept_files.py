"""Results of commands on disk, kept under the key of what they depend on."""

from __future__ import annotations

import contextlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from mesh.git.checkout import ignore_folder

NO_CACHE = "MESH_NO_CACHE"
"""The environment variable that turns off all kept results."""

MOST_BYTES = 256 * 1024 * 1024
_LEFT = 0.75  # of the most bytes, after the least recently used results were removed
_HASH = 64  # hexadecimal digits
_WRITABLE_BY_OTHERS = 0o022


@dataclass(frozen=True)
class KeptFiles:
    """A folder with results, one file per key.

    Anybody may delete the folder or files in it at any time. Several processes may use it at once: a file
    appears with its whole content. A damaged file counts as missing.

    Args:
        folder: the folder; it need not exist.
        most_bytes: the size of all files; above it, the least recently used ones are removed.
        secret: authenticates files, so that files of other people and machines count as missing; empty for
            results that are safe to read whoever wrote them.
    """

    folder: Path
    most_bytes: int = MOST_BYTES
    secret: bytes = field(default=b"", repr=False)

    def read(self, key: str) -> bytes | None:
        """The result with a key; None if it is not kept.

        Args:
            key: the key.
        """
        path = self.folder / key
        try:
            held = self._held(path)
            os.utime(path)
        except OSError:
            return None
        digest, result = held[:_HASH], held[_HASH + 1 :]
        return result if hmac.compare_digest(digest, self._digest(key, result)) else None

    def has(self, key: str) -> bool:
        """True if there is a result with a key, which may be damaged.

        Args:
            key: the key.
        """
        return (self.folder / key).is_file()

    def write(self, key: str, result: bytes) -> None:
        """Keeps a result. If the disk is full or the folder cannot be written to, nothing is kept.

        Args:
            key: its key.
            result: the result.
        """
        temporary = self.folder / f".{key}.{os.getpid()}"
        try:
            ignore_folder(self.folder)
            temporary.touch(0o600)
            temporary.write_bytes(self._digest(key, result) + b"\n" + result)
            temporary.replace(self.folder / key)
        except OSError:
            _remove(temporary)

    def shrink(self) -> None:
        """Removes the least recently used results if all of them are larger than `most_bytes`."""
        kept = sorted(self._files(), key=lambda one: one[1].st_mtime)
        size = sum(status.st_size for _, status in kept)
        if size <= self.most_bytes:
            return
        for path, status in kept:
            if size <= self.most_bytes * _LEFT:
                return
            _remove(path)
            size -= status.st_size

    def _held(self, path: Path) -> bytes:
        """The whole content of a file.

        Raises:
            OSError: it cannot be read, or with a secret: another user could have written it.
        """
        if not self.secret:
            return path.read_bytes()
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _WRITABLE_BY_OTHERS:
                raise PermissionError(path)
            return file.read()

    def _digest(self, key: str, result: bytes) -> bytes:
        if not self.secret:
            return sha256(result).hexdigest().encode()
        return hmac.new(self.secret, key.encode() + b"\0" + result, sha256).hexdigest().encode()

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            with contextlib.suppress(OSError):  # another process removed it
                if path.name != ".gitignore":
                    yield path, path.stat()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
