"""Reads the projects of a mesh, as soon as they turn out to be many with forks of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mesh.files.answers import Answers
from mesh.files.files import FOLDER, Files
from mesh.kept.forks import shared
from mesh.reading.level_reader import LevelReader
from mesh.reading.project_reader import ReadProject, read_project

FEW_FILES = 200
"""So many files are read before there are forks."""

Place = tuple[str, str | None, str]
"""The folder of a project, its org and its domain."""


@dataclass
class ProjectsAhead:
    """Reads projects one by one, and the rest of them at once when they are worth it.

    Args:
        files: the files of the mesh.
        is_kept: True for the folder of a project that need not be read.
    """

    files: Files
    is_kept: Callable[[str], bool]
    _count: int = 0
    _ahead: dict[Place, tuple[Answers, ReadProject]] = field(default_factory=dict)

    def read(self, place: Place) -> tuple[Answers, ReadProject]:
        """A project, with the answers that reading it asked for."""
        if self._count >= FEW_FILES and not self._ahead and self.files.in_forks:
            self._read_rest(place)
        found = self._ahead.pop(place, None) or self._read(place)
        self._count += len(found[0].contents)
        return found

    def _read(self, place: Place) -> tuple[Answers, ReadProject]:
        with self.files.recording() as answers:
            return answers, read_project(self.files, *place)

    def _read_rest(self, first: Place) -> None:
        """Reads this project and all after it that are not kept."""
        with self.files.recording():  # these questions are no part of a project
            places = list(_places(self.files))
        rest = places[places.index(first) :] if first in places else []
        rest = [one for one in rest if not self.is_kept(one[0])]
        self._count = 0
        self._ahead = dict(zip(rest, shared(self._read, rest), strict=True))


def _places(files: Files) -> Iterator[Place]:
    """The projects of a mesh, in the order in which `MeshReader` reads them."""
    levels = LevelReader(files)  # whose findings `MeshReader` reports
    orgs: list[tuple[str, str | None]] = [(f"orgs/{name}/", name) for name in levels.folders("orgs")]
    if files.kind("domains") == FOLDER:
        orgs.append(("", None))
    for folder, org in orgs:
        for domain in levels.folders(f"{folder}domains"):
            for project in levels.folders(f"{folder}domains/{domain}/projects"):
                yield f"{folder}domains/{domain}/projects/{project}", org, domain
