"""Objects of Python that are kept on disk.

They are pickles, which run code when they are read. They are read only if the user's own secret
authenticates them, and if git does not track the folder.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mesh.git.checkout import query_git
from mesh.kept.kept_files import NO_CACHE, KeptFiles
from mesh.kept.program import PROGRAM_FOLDER, installed, program_hash
from mesh.kept.secret import user_secret
from mesh.toolkit import VARIABLE

FOLDER = Path(".mesh/loaded")
LEAST_FILES = 100
"""What was made of fewer files is made as fast as it is read."""


@dataclass(frozen=True)
class KeptObjects:
    """The kept objects of a mesh.

    Args:
        root: the mesh's root, whose `.mesh` contains them.
        environ: the environment variables; MESH_NO_CACHE keeps nothing.
    """

    root: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @cached_property
    def program(self) -> str:
        """The hash of the program and of the packages that it uses."""
        facts = [sys.version, *installed(sys.path), f"{VARIABLE}={self.environ.get(VARIABLE)}"]
        return program_hash(PROGRAM_FOLDER, ("mesh",), facts)

    def read(self, key: str) -> object:
        """The kept object with a key; None if there is none."""
        held = self._kept.read(key) if self._kept else None
        return None if held is None else pickle.loads(held)  # noqa: S301  # authenticated by the user's secret

    def has(self, key: str) -> bool:
        """True if an object with a key is kept, though nobody may be able to read it."""
        return self._kept is not None and self._kept.has(key)

    def keep(self, objects: Mapping[str, object]) -> None:
        """Keeps objects by their keys; what is nested too deeply is not kept."""
        kept = self._kept or self._opened(create=True)
        if not kept:
            return
        for key, one in objects.items():
            with suppress(RecursionError):
                kept.write(key, pickle.dumps(one, pickle.HIGHEST_PROTOCOL))
        kept.shrink()

    @cached_property
    def _kept(self) -> KeptFiles | None:
        """The kept files as they are; None if there are none, or none that may be read."""
        return self._opened(create=False) if (self.root / FOLDER).is_dir() else None

    def _opened(self, *, create: bool) -> KeptFiles | None:
        if self.environ.get(NO_CACHE) or not is_ours(self.root, FOLDER):
            return None
        secret = user_secret(self.root, self.environ, create=create)
        return KeptFiles(self.root / FOLDER, secret=secret) if secret else None


def is_ours(root: Path, folder: Path) -> bool:
    """False if a folder below `.mesh` may come with the checkout.

    Args:
        root: the mesh's root.
        folder: the folder, relative to the root.
    """
    below = [*reversed(folder.parents), folder][1:]
    if any((root / one).is_symlink() for one in below):
        return False
    tracked = query_git(root, "ls-files", "-z", "--", below[0].as_posix())
    return not tracked and (tracked is not None or not _is_in_checkout(root))


def _is_in_checkout(root: Path) -> bool:
    return any((folder / ".git").exists() for folder in (root, *root.parents))
