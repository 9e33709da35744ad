"""Reads states, and restores truncated local states."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.terraform.state import TruncatedStateError, read_state, restore_backup

WHOLE = json.dumps({"version": 4, "resources": []})


@pytest.mark.parametrize("cut", ["", WHOLE[:20], "null", "{}"])
def test_a_truncated_state_differs_from_a_missing_state(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "mesh.tfstate"
    assert read_state(path).held == {}
    path.with_name("mesh.tfstate.backup").write_text(WHOLE)
    path.write_text(cut)
    with pytest.raises(TruncatedStateError, match="run `mesh adopt` to restore its backup"):
        read_state(path)


def test_an_empty_locked_file_is_an_empty_state(tmp_path: Path) -> None:
    path = tmp_path / "mesh.tfstate"
    path.touch()
    assert read_state(path).held == {}


def test_a_truncated_state_is_replaced_by_its_backup(tmp_path: Path) -> None:
    path, backup = tmp_path / "mesh.tfstate", tmp_path / "mesh.tfstate.backup"
    path.write_text(WHOLE[:20])
    backup.write_text(WHOLE)
    assert restore_backup(path) == (
        f"{path} was truncated: its backup is restored, and it is kept as mesh.tfstate.cut-off"
    )
    assert path.read_text() == backup.read_text() == WHOLE
    assert (tmp_path / "mesh.tfstate.cut-off").read_text() == WHOLE[:20]


@pytest.mark.parametrize("backup", [None, WHOLE[:10]])
def test_without_an_intact_backup_a_new_state_begins_and_the_file_is_kept(
    tmp_path: Path, backup: str | None
) -> None:
    path = tmp_path / "mesh.tfstate"
    path.with_name("mesh.tfstate.cut-off").write_text("an older one")
    path.write_text("{")
    if backup:
        path.with_name("mesh.tfstate.backup").write_text(backup)
    assert restore_backup(path) == (
        f"{path} was truncated and has no intact backup: it is kept as mesh.tfstate.cut-off-1, and a new state begins"
    )
    assert not path.exists()
    assert path.with_name("mesh.tfstate.cut-off").read_text() == "an older one"
    assert path.with_name("mesh.tfstate.cut-off-1").read_text() == "{"


def test_a_locked_state_is_not_restored(tmp_path: Path) -> None:
    path = tmp_path / "mesh.tfstate"
    path.write_text("{")
    lock = (
        "import fcntl, sys\n"
        "stream = open(sys.argv[1], 'r+b')\n"
        "fcntl.lockf(stream, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", lock, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"locked\n"
        with pytest.raises(OutsideError, match="locked by a running deployment"):
            restore_backup(path)
        writer.communicate()
    assert [one.name for one in tmp_path.iterdir()] == ["mesh.tfstate"]
