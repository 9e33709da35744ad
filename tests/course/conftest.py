"""A scripted student, before the first task."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.home import Home
from mesh.workshop.student import assign_branches
from tests.course.pages import ROOT
from tests.course.student import Student, environ, join_alone
from tests.support import forked_mesh
from tests.support.git_repository import Repository

EMAIL = "ada.lovelace@acme.example"


@pytest.fixture
def student(tmp_path: Path) -> Iterator[Student]:
    """A student with a clone and a local workspace, before the first task."""
    origin = Repository.new(tmp_path / "origin")
    for name in ("orgs", "course", ".brickopscfg"):
        shutil.copytree(ROOT / name, origin.path / name)
    origin.commit({".gitignore": ".mesh/\n"})
    clone = origin.clone(tmp_path / "datamesh").path
    branch = assign_branches([(EMAIL, "Student")])[EMAIL]
    with forked_mesh.serving(environ()) as mesh:
        ada = Student(Home(clone), clone, EMAIL, branch, mesh)
        try:
            join_alone(ada)
            yield ada
        finally:
            ada.type("mesh local down")
