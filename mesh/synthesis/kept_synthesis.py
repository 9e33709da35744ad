"""What a synthesis of a whole environment asked and wrote: with the same answers, the code on disk is right.

The code is a function of the answers to the questions about files, of git's facts about the checkout, of the
environment variables, of our program and of the packages that it uses. If none of them changed since the code
was written, and the code is still on disk, nothing is computed and no model is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from mesh.errors import OutsideError
from mesh.files.answers import Questions
from mesh.files.files import Files
from mesh.git.checkout import GitContext, read_git
from mesh.kept.collector import without_collector
from mesh.kept.kept_files import NO_CACHE
from mesh.kept.program import PROGRAM_FOLDER, program_hash
from mesh.kept.shell_variables import without_shells
from mesh.reading.kept_models import KeptModels

# The parts of the program that only a synthesis uses; the key of kept models covers `mesh`.
_PROGRAM = ("constructs", "main.py", "stacks")


@dataclass(frozen=True)
class FinishedSynthesis:
    """What a synthesis depended on, and what it wrote.

    Args:
        mesh: the key of the mesh, a hash of everything that reading it asked.
        git: the git context.
        asked: the questions about files that names and checks of the environment asked.
        answers: the key of their answers.
        code: the hash of each file that it wrote, by the path from the output folder.
    """

    mesh: str
    git: str
    asked: Questions
    answers: str
    code: Mapping[str, str]


@dataclass(frozen=True)
class KeptSynthesis:
    """The last synthesis into an output folder with the present environment variables.

    Args:
        models: the kept models of the mesh, beside which it is kept.
        output: the folder of the code.
    """

    models: KeptModels
    output: Path

    def is_right(self) -> bool:
        """True if the code in the output folder is what a synthesis would write now."""
        finished = self.models.read(self._key)
        asked = self.models.asked()
        if not isinstance(finished, FinishedSynthesis) or asked is None:
            return False
        try:
            git = read_git(self.models.root, self.models.environ)
        except OutsideError:  # reported where the git context is needed
            return False
        if finished.git != repr(git) or finished.code != self._hashes(finished.code):
            return False
        files = Files(self.models.root)
        with without_collector():
            return (
                finished.mesh == self.models.answer(files, asked)[0]
                and finished.answers == files.answered(finished.asked).key()
            )

    def keep(self, mesh: str | None, git: GitContext, files: Files, stacks: Mapping[str, bytes]) -> None:
        """Keeps what a synthesis depended on.

        Args:
            mesh: the key of the mesh; None if its models are not kept.
            git: the git context as it was read, without defaults.
            files: what was asked about files after the mesh was read.
            stacks: what was written, by the path from the output folder.
        """
        if mesh and not self.models.environ.get(NO_CACHE):
            code = {path: sha256(content).hexdigest() for path, content in stacks.items()}
            answers = files.answers
            finished = FinishedSynthesis(mesh, repr(git), answers.questions, answers.key(), code)
            self.models.keep({self._key: finished})

    @cached_property
    def _key(self) -> str:
        variables = without_shells(self.models.environ)
        program = program_hash(PROGRAM_FOLDER, _PROGRAM, [self.models.program])
        facts = ["synthesis", program, str(self.models.root), str(self.output), str(Path.cwd()), variables]
        return sha256(json.dumps(facts).encode()).hexdigest()

    def _hashes(self, paths: Mapping[str, str]) -> dict[str, str] | None:
        try:
            return {path: sha256((self.output / path).read_bytes()).hexdigest() for path in paths}
        except OSError:
            return None


def kept_synthesis(root: Path, output: Path, environ: Mapping[str, str] = os.environ) -> KeptSynthesis:
    """The last synthesis of a mesh into an output folder.

    Args:
        root: the mesh's root.
        output: the folder of the code, without links.
        environ: the environment variables; MESH_NO_CACHE keeps nothing.
    """
    return KeptSynthesis(KeptModels(root, environ), output)
