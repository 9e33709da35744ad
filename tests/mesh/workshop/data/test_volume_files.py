"""The files of a volume, through the Files API."""

from __future__ import annotations

import io

from mesh.workshop.data.volume_files import DatabricksVolume, FileInfo
from tests.support.sql_workspace import VOLUME, SqlWorkspace, client


def test_files_are_listed_by_their_path_in_the_volume() -> None:
    volume = DatabricksVolume(client(SqlWorkspace()), VOLUME)

    assert volume.list_files("") == {"a.csv": FileInfo(5, 9)}
    assert volume.list_files("trips") == {"trips/a.csv": FileInfo(5, 9)}
    assert volume.list_files("none") == {}


def test_a_file_is_written_with_its_parent_folders() -> None:
    workspace = SqlWorkspace()
    volume = DatabricksVolume(client(workspace), VOLUME)

    volume.write("trips/a.csv", io.BytesIO(b"x"))
    volume.write("a.csv", io.BytesIO(b"y"))
    volume.delete("a.csv")

    assert workspace.asked == [
        ("directory", f"{VOLUME}/trips"),
        ("upload", f"{VOLUME}/trips/a.csv", b"x", True),
        ("upload", f"{VOLUME}/a.csv", b"y", True),
    ]
