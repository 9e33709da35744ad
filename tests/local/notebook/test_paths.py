"""Paths of the workspace in Python."""

# `open` and the functions of os are what is tested.
# ruff: noqa: PTH104, PTH110, PTH123, PTH208, SIM115

import builtins
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.notebook import paths
from local.notebook.paths import Paths


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Paths]:
    """A workspace with one volume, whose paths Python uses."""
    names = [*paths._ONE_PATH, *paths._TWO_PATHS]
    before = {name: getattr(os, name) for name in names}
    opens = builtins.open, io.open
    (tmp_path / "volume").mkdir()
    (tmp_path / "files").mkdir()
    one = Paths(tmp_path / "files", lambda: {"cat.sch.vol": str(tmp_path / "volume")})
    paths.install(one)
    yield one
    builtins.open, io.open = opens
    for name, function in before.items():
        setattr(os, name, function)


def test_files_of_volumes_are_read_and_written(installed: Paths, tmp_path: Path) -> None:
    with open("/Volumes/cat/sch/vol/a.txt", "w") as stream:
        stream.write("one")
    Path("/Volumes/Cat/SCH/vol/below").mkdir()
    shutil.copyfile("/Volumes/cat/sch/vol/a.txt", "/Volumes/cat/sch/vol/below/b.txt")
    os.rename("/Volumes/cat/sch/vol/below/b.txt", "/Volumes/cat/sch/vol/below/c.txt")

    assert (tmp_path / "volume/below/c.txt").read_text() == "one"
    assert sorted(os.listdir("/Volumes/cat/sch/vol")) == ["a.txt", "below"]
    assert os.path.exists("/Volumes/cat/sch/vol/a.txt") and not Path("/Volumes/cat/sch/vol/z").exists()
    assert [names for _, _, names in os.walk("/Volumes/cat/sch/vol")] == [["a.txt"], ["c.txt"]]
    assert [path.name for path in Path("/Volumes/cat/sch/vol").rglob("*.txt")] == ["a.txt", "c.txt"]


def test_files_of_the_workspace_are_read(installed: Paths, tmp_path: Path) -> None:
    (tmp_path / "files/Shared").mkdir()
    (tmp_path / "files/Shared/a.csv").write_text("x\n1\n")

    assert Path("/Workspace/Shared/a.csv").read_text() == "x\n1\n"


def test_other_paths_are_unchanged(installed: Paths, tmp_path: Path) -> None:
    (tmp_path / "Volumes").write_text("no volume")

    assert (tmp_path / "Volumes").read_text() == "no volume"
    assert installed.disk("/Volumes") == "/Volumes"
    assert installed.disk("/WorkspaceX/a") == "/WorkspaceX/a"


def test_an_error_names_the_path_of_the_workspace(installed: Paths) -> None:
    with pytest.raises(FileNotFoundError, match=r"'/Volumes/cat/sch/vol/none\.txt'"):
        open("/Volumes/cat/sch/vol/none.txt")
    with pytest.raises(
        FileNotFoundError, match=r"there is no volume cat\.sch\.other: '/Volumes/cat/sch/other/a'"
    ):
        open("/Volumes/cat/sch/other/a")


@pytest.mark.parametrize("path", ["/Volumes/cat/sch/vol/../../x", "/Workspace/../x"])
def test_a_path_may_not_leave_its_folder(installed: Paths, path: str) -> None:
    with pytest.raises(FileNotFoundError, match="may not contain"):
        open(path)
