"""The command `mesh` in this process, for tests of what it says: a process of its own takes most of a second."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from mesh.cli.main import main


def run_mesh(arguments: Sequence[str], folder: Path, environ: Mapping[str, str]) -> CompletedProcess[str]:
    """Runs a command, and returns its exit code and outputs.

    Args:
        arguments: the words after `mesh`.
        folder: the working folder.
        environ: the whole environment.
    """
    code, out, err = 0, io.StringIO(), io.StringIO()
    with (
        chdir(folder),
        patch.dict(os.environ, environ, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return CompletedProcess(list(arguments), code, out.getvalue(), err.getvalue())
