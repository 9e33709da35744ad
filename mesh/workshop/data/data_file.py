"""Parts: the files that data consists of."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class Part:
    """One file of some data.

    Args:
        name: its path in the volume, such as `trips/yellow_tripdata_2019-01.csv`.
        columns: what it calls its columns, in order.
        size: in bytes.
        sha256: of its content, in hexadecimal.
        open: opens it for reading, from its beginning.
    """

    name: str
    columns: tuple[str, ...]
    size: int
    sha256: str
    open: Callable[[], BinaryIO]

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet; else it is CSV with a header."""
        return self.name.endswith(".parquet")


def made_up(name: str, columns: tuple[str, ...], content: bytes) -> Part:
    """A part that is in memory."""
    digest = hashlib.sha256(content).hexdigest()
    return Part(name, columns, len(content), digest, lambda: io.BytesIO(content))


def from_file(name: str, columns: tuple[str, ...], file: Path) -> Part:
    """A part that is a file on disk."""
    with file.open("rb") as stream:
        digest = sha256(stream)
    return Part(name, columns, file.stat().st_size, digest, lambda: file.open("rb"))


def sha256(stream: BinaryIO) -> str:
    """The checksum of what is left of a stream, in hexadecimal."""
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
