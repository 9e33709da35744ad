"""The exceptions, and what importing them costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.finding import Finding

ROOT = Path(__file__).resolve().parents[2]


def test_a_mesh_error_carries_every_finding() -> None:
    findings = [Finding("a.yml", 1, 1, "x", "one"), Finding("b.yml", 2, 1, "y", "two")]

    error = MeshError(findings)

    assert error.findings == tuple(findings)
    assert str(error) == "a.yml:1:1: one\nb.yml:2:1: two"


@pytest.mark.parametrize("module", ["mesh.errors", "mesh.console", "mesh.finding"])
def test_importing_it_loads_few_modules_of_ours(module: str) -> None:
    """Every process of a notebook imports them."""
    script = (
        f"import sys, {module}; "
        "print(len([name for name in sys.modules if name.split('.')[0] in ('mesh', 'local', 'stacks')]), "
        "[name for name in ('pydantic', 'yaml', 'rich', 'typer') if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    count, heavy = done.stdout.strip().split(" ", 1)
    assert int(count) <= 10
    assert heavy == "[]"
