"""Kept models are taken only where they are the user's own and whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mesh.files.files import Files
from mesh.kept.kept_objects import FOLDER
from mesh.reading.kept_models import AskedMesh, KeptModels
from mesh.reading.read_mesh import read_mesh
from tests.mesh.reading.conftest import EVERYTHING, Read, kept_files, same


def test_two_versions_of_a_mesh_are_both_kept(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of the working tree and of a base commit, which are read in turn."""
    deployment = next(read.root.rglob("deployment.yml"))
    former = deployment.read_bytes()
    deployment.write_bytes(former + b"# more\n")
    read()
    projects = read.counted(monkeypatch)

    deployment.write_bytes(former)
    read()
    deployment.write_bytes(former + b"# more\n")
    read()

    assert projects == []


def test_another_toolkit_is_another_mesh(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    projects = read.counted(monkeypatch)
    monkeypatch.setenv("MESH_TOOLKIT", "cdktf")

    read(MESH_TOOLKIT="cdktf")

    assert projects


def test_mesh_no_cache_reads_everything(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    projects = read.counted(monkeypatch)

    read(MESH_NO_CACHE="1")

    assert projects


@pytest.mark.parametrize("damage", [lambda held: held[:-1], lambda held: b"", lambda held: b"x" + held[1:]])
def test_damaged_models_are_read_again(read: Read, damage: Callable[[bytes], bytes]) -> None:
    for path in kept_files(read):
        path.write_bytes(damage(path.read_bytes()))

    same(read)


class Evil:
    """Runs code when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.file),)


def test_a_pickle_of_somebody_else_is_never_read(read: Read, tmp_path: Path) -> None:
    """The author of a pull request knows the keys, and how files are written, but not the user's secret."""
    theirs, keys = Read(read.root, tmp_path / "other"), [one.name for one in kept_files(read)]
    theirs()
    theirs.kept().write({key: Evil(tmp_path / "run") for key in keys}, AskedMesh())

    same(read)

    assert not (tmp_path / "run").exists()


def test_models_that_come_with_the_checkout_are_not_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", read.root], check=True)
    subprocess.run(["git", "-C", read.root, "add", "-f", ".mesh"], check=True)
    projects = read.counted(monkeypatch)

    read()

    assert len(projects) == 2


@pytest.mark.parametrize("folder", [FOLDER, FOLDER.parent])
def test_models_in_a_linked_folder_are_not_read(
    read: Read, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (read.root / folder).rename(tmp_path / "elsewhere")
    (read.root / folder).symlink_to(tmp_path / "elsewhere")
    projects = read.counted(monkeypatch)

    read()

    assert len(projects) == 2


def test_models_that_others_may_write_are_not_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in kept_files(read):
        path.chmod(0o666)
    projects = read.counted(monkeypatch)

    read()

    assert len(projects) == 2


def test_small_meshes_are_not_kept(tmp_path: Path) -> None:
    """Reading them is as fast."""
    shutil.copytree(EVERYTHING, tmp_path / "mesh")

    read_mesh(Files(tmp_path / "mesh"), KeptModels(tmp_path / "mesh", {"HOME": str(tmp_path)}))

    assert sorted(one.name for one in tmp_path.iterdir()) == ["mesh"]
    assert not (tmp_path / "mesh/.mesh").exists()


def test_two_processes_at_once_read_the_same(read: Read) -> None:
    shutil.rmtree(read.root / FOLDER)
    shutil.rmtree(read.state)
    script = (
        "import sys; from pathlib import Path; from mesh.files.files import Files;"
        "from mesh.reading.kept_models import KeptModels; from mesh.reading.read_mesh import read_mesh;"
        "root = Path(sys.argv[1]); kept = KeptModels(root, {'XDG_STATE_HOME': sys.argv[2]}, least_files=0);"
        "print(len(read_mesh(Files(root), kept).orgs))"
    )
    command = [sys.executable, "-c", script, str(read.root), str(read.state)]

    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]

    assert {one.communicate()[0] for one in running} == {f"{len(read.anew().orgs)}\n".encode()}
    same(read)
