"""A workspace in memory that data is loaded into."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from mesh.workshop.data import manifest
from mesh.workshop.data.course_data import CourseData
from mesh.workshop.data.data_file import DataFile, file_in_memory
from mesh.workshop.data.load import DataLoader
from mesh.workshop.data.progress_output import LineOutput
from mesh.workshop.data.tables import SOURCE_PROPERTY, DataTable
from mesh.workshop.data.volume_files import FileInfo, VolumeFiles

VOLUME = "/Volumes/training/data/crimes"
TABLE = "training.data.crimes"


class KilledError(BaseException):
    """The process is killed."""


@dataclass
class Volume:
    """A volume in memory.

    Args:
        files: content and time of modification, by path in the volume.
        killed_at: writing this file kills the process.
        damaged: this file is stored with other content.
        written: all files that were written, in order.
        read_back: all files that were read, in order.
    """

    path: str = VOLUME
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    killed_at: str = ""
    damaged: str = ""
    written: list[str] = field(default_factory=list)
    read_back: list[str] = field(default_factory=list)
    clock: int = 0

    def list_files(self, folder: str) -> Mapping[str, FileInfo]:
        parent = folder or "."
        return {
            name: FileInfo(len(content), modified)
            for name, (content, modified) in self.files.items()
            if str(PurePosixPath(name).parent) == parent
        }

    def read(self, name: str) -> BinaryIO:
        self.read_back.append(name)
        return io.BytesIO(self.files[name][0])

    def write(self, name: str, content: BinaryIO) -> None:
        if name == self.killed_at:
            raise KilledError
        self.clock += 1
        sent = content.read()
        self.files[name] = (b"?" * len(sent) if name == self.damaged else sent, self.clock)
        self.written.append(name)

    def delete(self, name: str) -> None:
        del self.files[name]

    def change(self, name: str, content: bytes) -> None:
        """A user changes a file."""
        self.clock += 1
        self.files[name] = (content, self.clock)

    @property
    def files_written(self) -> list[str]:
        return [name for name in self.written if name != manifest.FILE]


@dataclass
class Engine:
    """Tables in memory: the source of each table, by name."""

    sources: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    def source(self, table: str) -> str | None:
        return self.sources.get(table)

    def relation(self, path: str, *, parquet: bool) -> str:
        return f"{'parquet' if parquet else 'csv'}:{path}"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        self.statements.append(statement)
        if statement.startswith("CREATE"):
            name, source = statement.split()[4], statement.partition(f"'{SOURCE_PROPERTY}' = '")[2]
            self.sources[name] = source.partition("'")[0]
            return []
        return [("3",)]


@dataclass
class Target:
    """A workspace in memory."""

    stored: Volume = field(default_factory=Volume)
    engine: Engine = field(default_factory=Engine)
    lacking: tuple[str, ...] = ()

    def missing(self, volumes: Mapping[str, object], schemas: frozenset[str]) -> list[str]:
        names = (*volumes, *sorted(schemas))
        return [name for name in self.lacking if name in names]

    def volume(self, path: str) -> VolumeFiles:
        assert path == self.stored.path
        return self.stored


def data_files(*contents: bytes) -> tuple[DataFile, ...]:
    return tuple(file_in_memory(f"{number}.csv", ("a",), one) for number, one in enumerate(contents))


def course_data(*files: DataFile) -> CourseData:
    table = DataTable(
        TABLE, "What's in it", VOLUME, files, lambda sources: f"SELECT {[s.relation for s in sources]}"
    )
    return CourseData({VOLUME: files}, (table,))


def load(target: Target, *files: DataFile, force: bool = False) -> list[str]:
    """Loads files, and returns the output."""
    output: list[str] = []
    DataLoader(target, LineOutput(output.append), force).load(course_data(*files))
    return [line.removeprefix(f"{VOLUME}/") for line in output]
