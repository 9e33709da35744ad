"""A file of the course's data, in memory or on disk."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class DataFile:
    """One file of the course's data.

    Args:
        name: its path in the volume, such as `trips/yellow_tripdata_2019-01.csv`.
        columns: its column names, in order.
        size: in bytes.
        sha256: the checksum of its content, in hexadecimal.
        open: opens it for reading.
    """

    name: str
    columns: tuple[str, ...]
    size: int
    sha256: str
    open: Callable[[], BinaryIO]

    @property
    def is_parquet(self) -> bool:
        """True for Parquet, False for CSV with a header."""
        return self.name.endswith(".parquet")


def file_in_memory(name: str, columns: tuple[str, ...], content: bytes) -> DataFile:
    """A file with generated content."""
    digest = hashlib.sha256(content).hexdigest()
    return DataFile(name, columns, len(content), digest, lambda: io.BytesIO(content))


def file_on_disk(name: str, columns: tuple[str, ...], file: Path) -> DataFile:
    """A file on disk."""
    with file.open("rb") as stream:
        digest = stream_sha256(stream)
    return DataFile(name, columns, file.stat().st_size, digest, lambda: file.open("rb"))


def stream_sha256(stream: BinaryIO) -> str:
    """The checksum of the rest of a stream, in hexadecimal."""
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
