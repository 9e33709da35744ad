"""`dbutils.fs`."""

from pathlib import Path

import pytest

from local.notebook.fs import FileSystem

VOLUME = "/Volumes/cat/sch/vol"


@pytest.fixture
def fs(tmp_path: Path) -> FileSystem:
    return FileSystem(lambda path: str(tmp_path) + path.removeprefix(VOLUME))


def test_text_is_written_once_and_read(fs: FileSystem, capsys: pytest.CaptureFixture[str]) -> None:
    assert fs.put(f"{VOLUME}/below/a.txt", "Ålesund")
    assert capsys.readouterr().out == "Wrote 8 bytes.\n"
    with pytest.raises(FileExistsError, match="set overwrite=True"):
        fs.put(f"{VOLUME}/below/a.txt", "x")
    assert fs.head(f"dbfs:{VOLUME}/below/a.txt") == "Ålesund"
    assert fs.head(f"{VOLUME}/below/a.txt", 1) == "\ufffd"


def test_a_folder_lists_its_children_as_databricks_does(fs: FileSystem) -> None:
    fs.put(f"{VOLUME}/a.txt", "123")
    fs.mkdirs(f"{VOLUME}/below/deep")
    file, folder = fs.ls(VOLUME)

    assert (file.path, file.name, file.size, file.isFile()) == (f"dbfs:{VOLUME}/a.txt", "a.txt", 3, True)
    assert (folder.path, folder.name, folder.size, folder.isDir()) == (
        f"dbfs:{VOLUME}/below/",
        "below/",
        0,
        True,
    )
    assert fs.ls(f"{VOLUME}/a.txt") == [file]


def test_folders_are_copied_moved_and_removed_only_with_recurse(fs: FileSystem) -> None:
    fs.put(f"{VOLUME}/one/a.txt", "1")
    for refused in (lambda: fs.cp(f"{VOLUME}/one", f"{VOLUME}/two"), lambda: fs.rm(f"{VOLUME}/one")):
        with pytest.raises(OSError, match="set recurse=True"):
            refused()
    fs.cp(f"{VOLUME}/one", f"{VOLUME}/two", True)
    fs.mv(f"{VOLUME}/two", f"{VOLUME}/three", True)
    fs.mv(f"{VOLUME}/three/a.txt", f"{VOLUME}/b.txt")

    assert fs.rm(f"{VOLUME}/one", True)
    assert not fs.rm(f"{VOLUME}/one", True)
    assert [info.name for info in fs.ls(VOLUME)] == ["b.txt", "three/"]


def test_a_file_of_the_machine_is_copied_into_a_volume(fs: FileSystem, tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text("here")
    fs.cp(f"file:{tmp_path}/source.txt", f"{VOLUME}/copy.txt")

    assert (tmp_path / "copy.txt").read_text() == "here"


def test_what_cannot_be_done_here_is_refused_by_name(fs: FileSystem) -> None:
    with pytest.raises(ValueError, match="not for dbfs:/mnt/lake"):
        fs.ls("dbfs:/mnt/lake")
    with pytest.raises(AttributeError, match=r"does not support dbutils\.fs\.mount"):
        fs.mount("x", "y")
