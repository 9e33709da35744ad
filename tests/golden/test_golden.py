"""Golden folders: a mesh, a command, and what a person reads after it.

`<case>/mesh/` is the input, `<case>/command` what is typed there, `<case>/output` what comes out with the
exit code. `make golden` writes the outputs anew. `<case>/output.cdktn` is what comes out with cdktn where it
differs, because cdktn knows more fields. These commands only read the tables of fields, so they also run
where cdktn is not installed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mesh.toolkit import CDKTN, VARIABLE, toolkit
from tests.support.command_line import run_mesh

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/command"))
OF_CDKTN = sorted(path.parent.name for path in HERE.glob("*/output.cdktn"))
USED = toolkit().name
IDENTITY = {
    "MESH_USER": "ola.nordmann@acme.example",
    "MESH_GIT_URL": "https://github.com/acme/mesh",
    "MESH_GIT_BRANCH": "feature/tips",
    "MESH_GIT_COMMIT": "5bd01c2f" * 5,
    "COLUMNS": "160",
    "MESH_NOW": "2026-12-01T08:00:00Z",
}


@pytest.mark.parametrize(
    ("case", "used"),
    sorted({*((case, USED) for case in CASES), *((case, CDKTN.name) for case in OF_CDKTN)}),
)
def test_the_command_answers_as_committed(
    case: str, used: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """In every golden folder."""
    mesh = tmp_path / "mesh"
    shutil.copytree(HERE / case / "mesh", mesh)
    before = _files(mesh)
    output = _run((HERE / case / "command").read_text(), mesh, used)
    of_toolkit = HERE / case / f"output.{used}"
    expected = of_toolkit if of_toolkit.exists() else HERE / case / "output"
    if request.config.getoption("--golden-update", default=False):
        expected.write_text(output)
    assert output == expected.read_text()
    assert _files(mesh) == before, "a command that only looks wrote something"


def test_there_are_golden_folders() -> None:
    """A moved folder must not empty this test."""
    assert len(CASES) > 20


def _run(command: str, mesh: Path, used: str) -> str:
    """The output of the command, stdout first."""
    program, *arguments = shlex.split(command)
    assert program == "mesh"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")}
    environ |= IDENTITY | {VARIABLE: used}
    if used == USED:
        done = run_mesh(arguments, mesh, environ)
    else:  # this process remembers the fields of the other toolkit
        command_line = [sys.executable, "-c", "from mesh.cli.main import main; main()", *arguments]
        done = subprocess.run(
            command_line, cwd=mesh, env=environ, capture_output=True, text=True, check=False
        )
    return f"{done.stdout}{done.stderr}exit {done.returncode}\n".replace(str(mesh), "<root>")


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))
