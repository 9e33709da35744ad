"""Models that are kept on disk, under the hash of everything that reading asked about files.

After a model was read, the questions about files are kept, too. The next command answers them again. If all
answers are equal, reading would do the same and have the same result, so the kept one is taken. A project
whose answers differ is read again, alone.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from mesh.files.answers import Answers, Questions
from mesh.files.files import Files
from mesh.git.checkout import query_git
from mesh.kept.kept_files import NO_CACHE, KeptFiles
from mesh.kept.program import installed, program_hash
from mesh.kept.secret import user_secret
from mesh.toolkit import VARIABLE

FOLDER = Path(".mesh/loaded")
LEAST_FILES = 100
"""Fewer files are read as fast as a kept model."""

_PROGRAM_FOLDER = Path(__file__).resolve().parents[2]


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
class KeptModels:
    """The kept models of a mesh.

    Models are pickles, which run code when they are read. They are read only if the user's own secret
    authenticates them, and if git does not track the folder.

    Args:
        root: the mesh's root, whose `.mesh` contains them.
        environ: the environment variables; MESH_NO_CACHE keeps nothing.
        label: tells apart the same mesh at different commits, of which each has its questions.
        least_files: meshes with fewer files are not kept.
    """

    root: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    label: str = ""
    least_files: int = LEAST_FILES

    @cached_property
    def program(self) -> str:
        """The hash of the program and of the packages that it uses."""
        facts = [sys.version, *installed(sys.path), f"{VARIABLE}={self.environ.get(VARIABLE)}"]
        return program_hash(_PROGRAM_FOLDER, ("mesh",), facts)

    def asked(self) -> AskedMesh | None:
        """What reading asked the last time; None if that is unknown."""
        for label in dict.fromkeys((self.label, "")) if self._kept else ():
            if isinstance(asked := self.read(self._asked_key(label)), AskedMesh):
                return asked
        return None

    def read(self, key: str) -> object:
        """The kept object with a key; None if there is none."""
        held = self._kept.read(key) if self._kept else None
        return None if held is None else pickle.loads(held)  # noqa: S301  # authenticated by the user's secret

    def keeps(self, asked: AskedMesh) -> bool:
        """True if a mesh is large enough to be kept, and may be kept."""
        files = sum(len(one.contents) for one in (asked.levels, *asked.projects.values()))
        return files >= self.least_files and not self.environ.get(NO_CACHE)

    def write(self, objects: Mapping[str, object], asked: AskedMesh) -> None:
        """Keeps objects by their keys, and what was asked to read them."""
        kept = self._kept or self._opened(create=True)
        if not kept:
            return
        for key, one in {**objects, self._asked_key(self.label): asked}.items():
            with suppress(RecursionError):  # what is nested too deeply is not kept
                kept.write(key, pickle.dumps(one, pickle.HIGHEST_PROTOCOL))
        kept.shrink()

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

    @cached_property
    def _kept(self) -> KeptFiles | None:
        """The kept files as they are; None if there are none, or none that may be read."""
        return self._opened(create=False) if (self.root / FOLDER).is_dir() else None

    def _opened(self, *, create: bool) -> KeptFiles | None:
        if self.environ.get(NO_CACHE) or not self._is_ours():
            return None
        secret = user_secret(self.root, self.environ, create=create)
        return KeptFiles(self.root / FOLDER, secret=secret) if secret else None

    def _is_ours(self) -> bool:
        """False if the folder may come with the checkout."""
        if any((self.root / one).is_symlink() for one in (FOLDER.parent, FOLDER)):
            return False
        tracked = query_git(self.root, "ls-files", "-z", "--", FOLDER.parent.as_posix())
        return not tracked and (tracked is not None or not _is_in_checkout(self.root))

    def _asked_key(self, label: str) -> str:
        return sha256(f"asked\0{label}\0{self.program}".encode()).hexdigest()


def _is_in_checkout(root: Path) -> bool:
    return any((folder / ".git").exists() for folder in (root, *root.parents))
