"""The files that `mesh workshop status` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.workshop.status.files import StatusFiles
from tests.support.class_progress import class_of
from tests.support.classroom import ADA, BO


def test_files_are_replaced_and_no_temporary_file_is_left(tmp_path: Path) -> None:
    files = StatusFiles(tmp_path / "new" / "class.html", tmp_path / "class.csv")

    files.write(class_of(ADA), 15)
    files.write(class_of(ADA, BO).with_failure("away"), 15)

    assert sorted(one.name for one in tmp_path.rglob("*") if one.is_file()) == ["class.csv", "class.html"]
    assert "has not answered since" in (tmp_path / "new" / "class.html").read_text()
    assert "Bo King" not in (tmp_path / "class.csv").read_text()  # moments in it are of looks that succeeded


def test_an_unwritable_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutsideError, match="cannot be written"):
        StatusFiles(tmp_path / "file" / "class.html").write(class_of(ADA))
