"""A mesh with everything that files can declare, read with kept models."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesh.files.files import Files
from mesh.kept.kept_objects import FOLDER
from mesh.reading import projects_ahead
from mesh.reading.kept_models import KeptModels
from mesh.reading.project_reader import ReadProject, read_project
from mesh.reading.read_mesh import ReadMesh, read_mesh

EVERYTHING = Path(__file__).resolve().parents[2] / "everything"


OTHER = "orgs/nordlys/domains/forbruk/projects/priser/flows/prep/timer"


class Read:
    """Reads a mesh with kept models, and counts what it takes from them.

    Args:
        root: the mesh's root.
        state: the folder of the user's secret.
    """

    def __init__(self, root: Path, state: Path) -> None:
        self.root, self.state = root, state

    def kept(self, **environ: str) -> KeptModels:
        """The kept models, also of a small mesh."""
        return KeptModels(self.root, {"XDG_STATE_HOME": str(self.state), **environ}, least_files=0)

    def __call__(self, **environ: str) -> ReadMesh:
        """Reads the mesh."""
        return read_mesh(Files(self.root), self.kept(**environ))

    def anew(self) -> ReadMesh:
        """Reads the mesh without kept models."""
        return read_mesh(Files(self.root))

    def counted(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The folders of projects that are read from now on."""
        read: list[str] = []

        def recording(files: Files, folder: str, org: str | None, domain: str) -> ReadProject:
            read.append(folder)
            return read_project(files, folder, org, domain)

        monkeypatch.setattr(projects_ahead, "read_project", recording)
        return read


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A mesh with everything that files can declare, read once."""
    root = tmp_path / "mesh"
    shutil.copytree(EVERYTHING, root)
    (root / OTHER).mkdir(parents=True)
    (root / OTHER / "deployment.yml").write_text("tasks: [{task_key: t, serverless: true}]\n")
    (root / OTHER / "t.py").write_text("# Databricks notebook source\n")
    reading = Read(root, tmp_path / "state")
    reading()
    return reading


def same(read: Read) -> None:
    """Reading with kept models, twice, gives the orgs and findings of reading anew."""
    anew = read.anew()
    for again in (read(), read()):
        assert again.orgs == anew.orgs
        assert list(map(str, again.findings)) == list(map(str, anew.findings))


def kept_files(read: Read) -> list[Path]:
    """The files of kept models."""
    return [path for path in (read.root / FOLDER).iterdir() if path.name != ".gitignore"]
