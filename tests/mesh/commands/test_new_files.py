"""New files are written together, or none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.new_files import write_new_files
from mesh.errors import OutsideError


def test_files_and_their_folders_are_written(tmp_path: Path) -> None:
    write_new_files({"a/b/c.yml": b"x\n", "d": b"\0"}, tmp_path)

    assert (tmp_path / "a/b/c.yml").read_bytes() == b"x\n"
    assert (tmp_path / "d").read_bytes() == b"\0"


@pytest.mark.parametrize("blocked", ["z", "z/y"])
def test_if_one_file_cannot_be_written_none_is(blocked: str, tmp_path: Path) -> None:
    (tmp_path / "z").write_text("mine")

    with pytest.raises(OutsideError, match="nothing was written"):
        write_new_files({"a/b": b"", blocked: b""}, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["z"]
    assert (tmp_path / "z").read_text() == "mine"
