"""Loads the course's data: files into volumes, then tables from the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from mesh.errors import OutsideError
from mesh.workshop.data.course_data import CourseData
from mesh.workshop.data.progress_output import ProgressOutput, format_size
from mesh.workshop.data.tables import SqlEngine, create_tables
from mesh.workshop.data.upload import plan_upload, read_manifest, unchanged_files
from mesh.workshop.data.volume_files import VolumeFiles


class DataTarget(Protocol):
    """The workspace that data is loaded into."""

    def missing(self, volumes: Mapping[str, object], schemas: frozenset[str]) -> list[str]:
        """Names the missing volumes and schemas.

        Args:
            volumes: the expected volumes, by path.
            schemas: the full names of the expected schemas.
        """

    def volume(self, path: str) -> VolumeFiles:
        """The files of an existing volume."""

    @property
    def engine(self) -> SqlEngine:
        """The SQL engine that creates the tables."""


@dataclass(frozen=True)
class DataLoader:
    """Loads data into a workspace.

    Args:
        target: the workspace.
        output: receives progress events.
        force: whether to replace files that were changed, and to recreate all tables.
    """

    target: DataTarget
    output: ProgressOutput
    force: bool = False

    def load(self, data: CourseData) -> None:
        """Loads files and tables that are missing or different; a second run changes nothing.

        Args:
            data: the files and tables to load.

        Raises:
            OutsideError: the class is not deployed, files were changed, or the workspace fails. In the first
                two cases nothing is changed; in the last case, a second run loads the rest.
        """
        schemas = frozenset(table.name.rpartition(".")[0] for table in data.tables)
        if missing := self.target.missing(data.volumes, schemas):
            raise OutsideError(
                f"the workspace has no {', no '.join(missing)} (deploy the class first: "
                "`mesh workshop deploy`)"
            )
        uploads = [plan_upload(self.target.volume(path), files) for path, files in data.volumes.items()]
        changed = [path for upload in uploads for path in upload.changed]
        if changed and not self.force:
            raise OutsideError(
                "these files were changed after loading, and nothing was loaded:\n"
                + "\n".join(f"  {path}" for path in changed)
                + "\ncheck them, then replace them with --force"
            )
        for upload in uploads:
            upload.run(self.output)
        create_tables(data.tables, self.target.engine, self.output, force=self.force)


def data_status(target: DataTarget, data: CourseData, exists: Callable[[str], bool]) -> Iterator[str]:
    """Describes the loaded data, with a line for each file and table.

    Args:
        target: the workspace.
        data: the course's data, with the volumes and tables to describe.
        exists: returns whether a table exists, by its full name.

    Raises:
        OutsideError: the workspace does not answer.
    """
    for path in data.volumes:
        if target.missing({path: ()}, frozenset()):
            yield f"{path}: missing"
            continue
        files = target.volume(path)
        entries = read_manifest(files)
        if not entries:
            yield f"{path}: nothing loaded"
        for name, unchanged in unchanged_files(files, entries).items():
            note = "" if unchanged else ", changed or removed since"
            yield f"{path}/{name}: {format_size(entries[name].size)}{note}"
    for table in data.tables:
        yield f"{table.name}: {'exists' if exists(table.name) else 'missing'}"
