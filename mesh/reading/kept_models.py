"""Models that are kept on disk, under the hash of everything that reading asked about files.

After a model was read, the questions about files are kept, too. The next command answers them again. If all
answers are equal, reading would do the same and have the same result, so the kept one is taken. A project
whose answers differ is read again, alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from mesh.files.answers import Answers, Questions
from mesh.files.files import Files
from mesh.kept.kept_files import NO_CACHE
from mesh.kept.kept_objects import LEAST_FILES, KeptObjects


@dataclass(frozen=True)
class AskedMesh:
    """What reading a mesh asked about files.

    Args:
        levels: apart from projects.
        projects: by the project's folder.
    """

    levels: Questions = field(default_factory=Questions)
    projects: Mapping[str, Questions] = field(default_factory=dict)


@dataclass(frozen=True)
class KeptModels(KeptObjects):
    """The kept models of a mesh.

    Args:
        root: the mesh's root, whose `.mesh` contains them.
        environ: the environment variables; MESH_NO_CACHE keeps nothing.
        label: tells apart the same mesh at different commits, of which each has its questions.
        least_files: meshes with fewer files are not kept.
    """

    label: str = ""
    least_files: int = LEAST_FILES

    def asked(self) -> AskedMesh | None:
        """What reading asked the last time; None if that is unknown."""
        for label in dict.fromkeys((self.label, "")) if self._kept else ():
            if isinstance(asked := self.read(self._asked_key(label)), AskedMesh):
                return asked
        return None

    def keeps(self, asked: AskedMesh) -> bool:
        """True if a mesh is large enough to be kept, and may be kept."""
        files = sum(len(one.contents) for one in (asked.levels, *asked.projects.values()))
        return files >= self.least_files and not self.environ.get(NO_CACHE)

    def write(self, objects: Mapping[str, object], asked: AskedMesh) -> None:
        """Keeps objects by their keys, and what was asked to read them."""
        self.keep({**objects, self._asked_key(self.label): asked})

    def key(self, answers: Answers, *facts: str) -> str:
        """The key of what was read with these answers."""
        return answers.key(self.program, *facts)

    def answer(self, files: Files, asked: AskedMesh) -> tuple[str, dict[str, str]]:
        """The keys of the present mesh and of its projects, if what was asked is still all.

        Args:
            files: the files of the mesh.
            asked: what was asked the last time.
        """
        projects = {
            folder: self.key(files.answered(questions), folder)
            for folder, questions in asked.projects.items()
        }
        return self.key(files.answered(asked.levels), *projects.values()), projects

    def _asked_key(self, label: str) -> str:
        return sha256(f"asked\0{label}\0{self.program}".encode()).hexdigest()
