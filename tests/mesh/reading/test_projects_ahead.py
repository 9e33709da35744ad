"""Projects that forks read are the same, with the same findings in the same order."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from mesh.files.files import Files
from mesh.kept import forks
from mesh.reading import projects_ahead
from mesh.reading.kept_models import KeptModels
from mesh.reading.read_mesh import read_mesh
from tests.mesh.reading.conftest import Read, same

WRONG = "tasks: [{task_key: t, serverless: yes please, max_retries: many}]\ncolour: red\n"


@pytest.fixture
def many(read: Read) -> Iterator[Read]:
    """The mesh with more projects, of which some have errors."""
    for number in range(6):
        folder = read.root / f"orgs/nordlys/domains/forbruk/projects/p{number}/flows/prep/f"
        folder.mkdir(parents=True)
        (folder / "deployment.yml").write_text(WRONG if number % 2 else "tasks: [{task_key: t}]\n")
    return read


@pytest.fixture
def with_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "processes", lambda: 3)
    monkeypatch.setattr(projects_ahead, "FEW_FILES", 1)


def kept_anew(read: Read, label: str) -> KeptModels:
    """Kept models of which there are none yet."""
    environ = {"XDG_STATE_HOME": str(read.state.with_name(label))}
    return KeptModels(read.root, environ, label=label, least_files=0)


def test_forks_read_the_same_mesh(
    many: Read, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    alone = read_mesh(Files(many.root), kept_anew(many, "alone"))
    request.getfixturevalue("with_forks")
    started: list[int] = []
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: (started.append(fork()), started[-1])[1])

    shared = read_mesh(Files(many.root), kept_anew(many, "shared"))

    assert len(started) == 2
    assert (shared.orgs, shared.key) == (alone.orgs, alone.key)
    assert list(map(str, shared.findings)) == list(map(str, alone.findings))
    assert len(alone.findings) > 6


@pytest.mark.usefixtures("with_forks")
def test_after_edits_forks_read_what_is_not_kept(many: Read) -> None:
    same(many)
    for deployment in sorted(many.root.rglob("deployment.yml"))[::2]:
        deployment.write_text(f"{deployment.read_text()}more: x\n")

    same(many)


@pytest.mark.usefixtures("with_forks")
def test_without_kept_models_forks_read_the_same(many: Read) -> None:
    kept = read_mesh(Files(many.root), kept_anew(many, "kept"))

    assert read_mesh(Files(many.root)) == kept
