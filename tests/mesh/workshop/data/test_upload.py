"""The planned changes in a volume, and the upload of files."""

from __future__ import annotations

import io

import pytest

from mesh.errors import OutsideError
from mesh.workshop.data import manifest, upload
from mesh.workshop.data.data_file import file_in_memory
from mesh.workshop.data.progress_output import LineOutput
from mesh.workshop.data.upload import FileState, plan_upload, read_manifest, unchanged_files
from tests.support.data_target import Volume, data_files


def uploaded(*contents: bytes) -> Volume:
    """A volume with these files."""
    volume = Volume()
    plan_upload(volume, data_files(*contents)).run(LineOutput(lambda line: None))
    return volume


def test_each_file_has_a_state() -> None:
    volume = uploaded(b"same", b"before", b"mine")
    volume.change("2.csv", b"changed")

    plan = plan_upload(volume, data_files(b"same", b"after", b"mine", b"new"))

    assert list(plan.states.values()) == [
        FileState.CURRENT,
        FileState.OUTDATED,
        FileState.CHANGED,
        FileState.MISSING,
    ]
    assert plan.changed == (f"{volume.path}/2.csv",)
    assert plan.size == len(b"after" + b"mine" + b"new")


def test_a_plan_changes_nothing() -> None:
    volume = uploaded(b"one", b"two")
    before = dict(volume.files)

    plan = plan_upload(volume, data_files(b"other"))

    assert plan.obsolete == ("1.csv",)
    assert volume.files == before


def test_an_obsolete_file_that_was_changed_is_not_removed() -> None:
    volume = uploaded(b"one", b"two")
    volume.change("1.csv", b"changed")

    assert plan_upload(volume, data_files(b"one")).obsolete == ()


def test_unchanged_files_are_compared_with_the_manifest() -> None:
    volume = uploaded(b"one", b"two", b"six")
    volume.change("1.csv", b"2wo")
    volume.delete("2.csv")

    assert unchanged_files(volume, read_manifest(volume)) == {"0.csv": True, "1.csv": False, "2.csv": False}


def test_a_volume_without_a_manifest_has_no_entries() -> None:
    assert read_manifest(Volume()) == {}


def test_a_large_file_is_verified_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "READ_BACK", 3)
    volume = Volume(damaged="0.csv")

    plan_upload(volume, [file_in_memory("0.csv", ("a",), b"four")]).run(LineOutput(lambda line: None))

    assert volume.read_back == []
    assert list(read_manifest(volume)) == ["0.csv"]


def test_a_damaged_file_is_reported_and_not_recorded() -> None:
    volume = Volume(damaged="1.csv")

    with pytest.raises(OutsideError, match=r"1\.csv is not what was sent"):
        plan_upload(volume, data_files(b"one", b"two")).run(LineOutput(lambda line: None))

    entries = manifest.parse_manifest(io.BytesIO(volume.files[manifest.FILE][0]).read())
    assert list(entries) == ["0.csv"]
