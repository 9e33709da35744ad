"""main.py synthesizes one environment, or reports every error and writes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(mesh: Path, out: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs main.py on a mesh."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MESH_")}
    variables = {"MESH_ROOT": str(mesh), "CDKTF_OUTDIR": str(out), **environ}
    command = [sys.executable, "-O", "main.py"]
    return subprocess.run(
        command, cwd=ROOT, env=inherited | variables, capture_output=True, text=True, check=False
    )


def test_errors_are_reported_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "orgs" / "acme").mkdir(parents=True)
    (tmp_path / "orgs" / "acme" / "org.yml").write_text("descripton: x\n")

    done = run(tmp_path, tmp_path / "out", MESH_ENV="local")

    assert done.returncode == 1
    assert done.stderr.startswith("orgs/acme/org.yml:1:1: unknown field `descripton`")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_mesh_is_wrong_usage(tmp_path: Path) -> None:
    done = run(tmp_path, tmp_path / "out")

    assert done.returncode == 2
    assert "has neither orgs/ nor domains/" in done.stderr
