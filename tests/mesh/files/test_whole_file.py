"""Files are written as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.files.whole_file import replace_file, write_result


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.txt"

    replace_file(file, b"one")
    replace_file(file, b"two")

    assert file.read_bytes() == b"two"
    assert [*file.parent.iterdir()] == [file]


def test_what_cannot_be_replaced_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    with pytest.raises(OSError, match="directory"):
        replace_file(tmp_path / "a", b"one")

    assert [*tmp_path.iterdir()] == [tmp_path / "a"]
    assert (tmp_path / "a").is_dir()


def test_the_error_names_the_file_and_the_reason(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=rf"{tmp_path} cannot be written: .*directory"):
        write_result(tmp_path, "text")
