"""Real git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# whatever the machine's own settings are; submodules of these tests are folders beside them
_SETTINGS = ("commit.gpgsign=false", "protocol.file.allow=always", "core.hooksPath=")


@dataclass(frozen=True)
class Repository:
    """A git repository.

    Args:
        path: its working tree.
    """

    path: Path

    @classmethod
    def new(cls, path: Path, files: Mapping[str, str] | None = None) -> Repository:
        """A repository on branch `main`, with these files in its first commit."""
        path.mkdir(parents=True)
        one = cls(path)
        one.git("init", "-q", "-b", "main")
        one.git("config", "user.email", "ola.nordmann@acme.example")
        one.git("config", "user.name", "Ola Nordmann")
        if files:
            one.commit(files)
        return one

    @property
    def head(self) -> str:
        """The commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        """Returns the output of a git command."""
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        # a git hook may run the tests
        environ = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        command = ["git", "-C", str(self.path), *settings, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, by their paths from the repository's root."""
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)

    def commit(self, files: Mapping[str, str] | None = None) -> str:
        """Write files, and commit all that is different."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change", "--allow-empty")
        return self.head

    def clone(self, path: Path, *arguments: str) -> Repository:
        """A clone that has this repository as `origin`."""
        self.git("clone", "-q", *arguments, self.path.as_uri(), str(path))
        return Repository(path)

    def submodule(self, path: str, of: Repository) -> str:
        """Add a submodule, and commit it."""
        self.git("submodule", "--quiet", "add", str(of.path), path)
        return self.commit()
