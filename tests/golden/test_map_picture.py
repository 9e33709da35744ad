"""The picture of this repository's mesh in the documentation; `make golden` draws it again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.golden.test_golden import IDENTITY
from tests.support.command_line import run_mesh

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "images" / "map.svg"


def test_the_documentation_shows_the_mesh_as_it_is(request: pytest.FixtureRequest) -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MESH_")} | IDENTITY

    drawn = run_mesh(["map", "--env", "prod", "--svg", "-", "--root", str(ROOT)], ROOT, environ)

    assert drawn.stderr == ""
    if request.config.getoption("--golden-update", default=False):
        PICTURE.write_text(drawn.stdout)
    assert drawn.stdout == PICTURE.read_text(), "draw it again: make golden"
