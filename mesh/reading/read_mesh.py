"""Reads a mesh, as far as its files changed since it was read the last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mesh.files.answers import Answers, Questions
from mesh.files.files import Files
from mesh.finding import Finding
from mesh.kept.collector import without_collector
from mesh.model.org import Org
from mesh.reading.kept_models import AskedMesh, KeptModels

if TYPE_CHECKING:
    from mesh.reading.project_reader import ReadProject
    from mesh.reading.projects_ahead import Place, ProjectsAhead


@dataclass(frozen=True)
class ReadMesh:
    """A mesh as it was read.

    Args:
        orgs: in order of their names.
        findings: of all files.
        key: the hash of everything that reading asked, if the models are kept: equal keys mean equal meshes.
    """

    orgs: tuple[Org, ...]
    findings: tuple[Finding, ...]
    key: str | None = field(default=None, compare=False)


def read_mesh(files: Files, kept: KeptModels | None = None) -> ReadMesh:
    """Reads a mesh; what did not change is taken from kept models.

    Args:
        files: the files of the mesh.
        kept: the kept models; None to read everything.
    """
    with without_collector():
        return _Reading(files, kept).mesh()


@dataclass
class _Reading:
    """One reading of a mesh, with what it asks and makes."""

    files: Files
    kept: KeptModels | None
    former: AskedMesh = field(default_factory=AskedMesh)
    keys: Mapping[str, str] = field(default_factory=dict)
    asked: dict[str, Questions] = field(default_factory=dict)
    made: dict[str, tuple[Answers, ReadProject]] = field(default_factory=dict)

    def mesh(self) -> ReadMesh:
        if not self.kept:
            return self._read()
        if former := self.kept.asked():
            self.former = former
            whole, self.keys = self.kept.answer(self.files, former)
            if isinstance(read := self.kept.read(whole), ReadMesh):
                return replace(read, key=whole)
        with self.files.recording() as answers:
            read = self._read()
        asked = AskedMesh(answers.questions, self.asked)
        if self.kept.keeps(asked):
            made = {self.kept.key(said, folder): one for folder, (said, one) in self.made.items()}
            new = {folder: self.kept.key(said, folder) for folder, (said, _) in self.made.items()}
            whole = self.kept.key(answers, *(new.get(folder) or self.keys[folder] for folder in self.asked))
            self.kept.write({**made, whole: read}, asked)
            return replace(read, key=whole)
        return read

    def _read(self) -> ReadMesh:
        # with all checks, which a kept mesh does not need
        from mesh.reading.mesh_reader import MeshReader
        from mesh.reading.projects_ahead import ProjectsAhead

        ahead = ProjectsAhead(self.files, self._is_kept)
        reader = MeshReader(self.files, read=lambda *place: self._project(ahead, place))
        orgs = reader.orgs()
        reader.policy(orgs)
        reader.contracts(orgs)
        return ReadMesh(orgs, tuple(reader.findings))

    def _is_kept(self, folder: str) -> bool:
        return self.kept is not None and folder in self.keys and self.kept.has(self.keys[folder])

    def _project(self, ahead: ProjectsAhead, place: Place) -> ReadProject:
        from mesh.reading.project_reader import ReadProject

        folder = place[0]
        read = self.kept.read(self.keys[folder]) if self.kept and folder in self.keys else None
        if isinstance(read, ReadProject):
            self.asked[folder] = self.former.projects[folder]
            return read
        answers, read = self.made[folder] = ahead.read(place)
        self.asked[folder] = answers.questions
        return read
