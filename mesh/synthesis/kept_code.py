"""The Terraform code of stacks, kept under the key of what it depends on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mesh.git.checkout import ignore_folder

MOST_BYTES = 256 * 1024 * 1024
_LEFT = 0.75  # of the most bytes, after the least recently used code was removed
_HASH = 64  # hexadecimal digits


@dataclass(frozen=True)
class KeptCode:
    """A folder with the code of stacks, one file per key.

    Anybody may delete the folder or files in it at any time. Several processes may use it at once: a file
    appears with its whole content. A damaged file counts as missing.

    Args:
        folder: the folder; it need not exist.
        most_bytes: the size of all files; above it, the least recently used ones are removed.
    """

    folder: Path
    most_bytes: int = MOST_BYTES

    def read(self, key: str) -> bytes | None:
        """The code with a key; None if it is not kept.

        Args:
            key: the key.
        """
        path = self.folder / key
        try:
            held = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        digest, code = held[:_HASH], held[_HASH + 1 :]
        return code if digest == _digest(code) else None

    def write(self, key: str, code: bytes) -> None:
        """Keeps code. If the disk is full or the folder cannot be written to, nothing is kept.

        Args:
            key: its key.
            code: the code.
        """
        temporary = self.folder / f".{key}.{os.getpid()}"
        try:
            ignore_folder(self.folder)
            temporary.write_bytes(_digest(code) + b"\n" + code)
            temporary.replace(self.folder / key)
        except OSError:
            _remove(temporary)

    def shrink(self) -> None:
        """Removes the least recently used code if all of it is larger than `most_bytes`."""
        kept = sorted(self._files(), key=lambda one: one[1].st_mtime)
        size = sum(status.st_size for _, status in kept)
        if size <= self.most_bytes:
            return
        for path, status in kept:
            if size <= self.most_bytes * _LEFT:
                return
            _remove(path)
            size -= status.st_size

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            with contextlib.suppress(OSError):  # another process removed it
                if path.name != ".gitignore":
                    yield path, path.stat()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _digest(code: bytes) -> bytes:
    return sha256(code).hexdigest().encode()
