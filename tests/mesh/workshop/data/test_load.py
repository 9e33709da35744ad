"""Loading the course's data: new, unchanged, changed and obsolete files, and interrupted loads."""

from __future__ import annotations

import pytest

from mesh.errors import OutsideError
from mesh.workshop.data import manifest
from mesh.workshop.data.load import data_status
from tests.support.data_target import (
    TABLE,
    VOLUME,
    KilledError,
    Target,
    Volume,
    course_data,
    data_files,
    load,
)


def test_files_are_uploaded_and_a_table_is_created_from_them() -> None:
    target = Target()

    output = load(target, *data_files(b"one", b"other"))

    assert output == ["0.csv: loaded, 3 bytes", "1.csv: loaded, 5 bytes", f"{TABLE}: created, 3 rows"]
    assert target.stored.files["1.csv"][0] == b"other"
    statement = target.engine.statements[0]
    assert statement.startswith(f"CREATE OR REPLACE TABLE {TABLE} COMMENT 'What\\'s in it' TBLPROPERTIES (")
    assert statement.endswith(f"SELECT ['csv:{VOLUME}/0.csv', 'csv:{VOLUME}/1.csv']")


def test_a_second_load_writes_nothing_reads_no_file_and_runs_no_statement() -> None:
    target = Target()
    load(target, *data_files(b"one", b"other"))
    target.stored.written.clear()
    target.stored.read_back.clear()
    target.engine.statements.clear()

    output = load(target, *data_files(b"one", b"other"))

    assert output == ["0.csv: up to date", "1.csv: up to date", f"{TABLE}: up to date"]
    assert (target.stored.written, target.engine.statements) == ([], [])
    assert {*target.stored.read_back} == {manifest.FILE}


@pytest.mark.parametrize("killed_at", ["0.csv", "1.csv", "2.csv"])
def test_a_killed_load_continues_where_it_stopped(killed_at: str) -> None:
    target, files = Target(Volume(killed_at=killed_at)), data_files(b"one", b"two", b"three")
    with pytest.raises(KilledError):
        load(target, *files)
    done = [*target.stored.files_written]
    target.stored.killed_at = ""

    load(target, *files)

    assert target.stored.files_written == ["0.csv", "1.csv", "2.csv"]
    assert done == target.stored.files_written[: int(killed_at[0])]


def test_a_file_that_is_not_yet_in_the_manifest_is_compared_and_not_loaded_again() -> None:
    target, files = Target(Volume(killed_at=manifest.FILE)), data_files(b"one", b"two")
    with pytest.raises(KilledError):
        load(target, *files)
    target.stored.killed_at = ""

    assert load(target, *files)[:2] == ["0.csv: up to date", "1.csv: loaded, 3 bytes"]
    assert {*manifest.parse_manifest(target.stored.files[manifest.FILE][0])} == {"0.csv", "1.csv"}


def test_an_outdated_file_is_replaced_and_its_table_recreated() -> None:
    target = Target()
    load(target, *data_files(b"one", b"two"))

    output = load(target, *data_files(b"one", b"new"))

    assert output == ["0.csv: up to date", "1.csv: replaced, 3 bytes", f"{TABLE}: created, 3 rows"]


def test_an_obsolete_file_is_removed_unless_a_user_changed_it() -> None:
    target = Target()
    load(target, *data_files(b"one", b"two", b"three"))
    target.stored.change("2.csv", b"mine!")

    output = load(target, *data_files(b"one"))

    assert "1.csv: removed, no longer part of the data" in output
    assert {*target.stored.files} == {"0.csv", "2.csv", manifest.FILE}


@pytest.mark.parametrize("changed", [b"2wo", b"another length"])
def test_all_changed_files_are_reported_at_once_and_nothing_is_loaded(changed: bytes) -> None:
    target = Target()
    load(target, *data_files(b"one", b"two", b"six"))
    for name in ("1.csv", "2.csv"):
        target.stored.change(name, changed)
    before = dict(target.stored.files)

    with pytest.raises(OutsideError) as refused:
        load(target, *data_files(b"1", b"two", b"six"))

    assert f"  {VOLUME}/1.csv\n  {VOLUME}/2.csv\n" in str(refused.value)
    assert "--force" in str(refused.value)
    assert target.stored.files == before
    assert load(target, *data_files(b"one", b"two", b"six"), force=True)[:3] == [
        "0.csv: up to date",
        "1.csv: replaced, 3 bytes",
        "2.csv: replaced, 3 bytes",
    ]


def test_a_users_file_with_the_same_name_is_not_overwritten() -> None:
    target = Target()
    target.stored.change("0.csv", b"my own work")

    with pytest.raises(OutsideError, match=r"0\.csv"):
        load(target, *data_files(b"one"))

    assert target.stored.files["0.csv"][0] == b"my own work"


def test_a_file_that_was_rewritten_with_the_same_content_is_current() -> None:
    target = Target()
    load(target, *data_files(b"one"))
    target.stored.change("0.csv", b"one")

    assert load(target, *data_files(b"one"))[0] == "0.csv: up to date"
    target.stored.read_back.clear()
    load(target, *data_files(b"one"))
    assert "0.csv" not in target.stored.read_back


@pytest.mark.parametrize(
    "broken", [b"", b"[]", b'{"version": 2}', b'{"version": 1, "parts": {"0.csv": 1}}', b"\xff\xfe"]
)
def test_without_a_readable_manifest_files_are_compared_and_not_loaded_again(broken: bytes) -> None:
    target = Target()
    load(target, *data_files(b"one"))
    target.stored.change(manifest.FILE, broken)

    assert load(target, *data_files(b"one"))[0] == "0.csv: up to date"
    assert {*manifest.parse_manifest(target.stored.files[manifest.FILE][0])} == {"0.csv"}


def test_a_damaged_file_is_not_recorded_and_no_table_is_created() -> None:
    target = Target(Volume(damaged="1.csv"))

    with pytest.raises(OutsideError, match=r"1\.csv is not what was sent.*run it again"):
        load(target, *data_files(b"one", b"two"))

    assert {*manifest.parse_manifest(target.stored.files[manifest.FILE][0])} == {"0.csv"}
    assert target.engine.statements == []


def test_all_missing_schemas_and_volumes_are_reported() -> None:
    target = Target(lacking=(VOLUME, "training.data"))

    with pytest.raises(OutsideError) as refused:
        load(target, *data_files(b"one"))

    assert f"no {VOLUME}, no training.data" in str(refused.value)
    assert "mesh workshop deploy" in str(refused.value)
    assert target.stored.written == []


def test_force_recreates_tables() -> None:
    target = Target()
    load(target, *data_files(b"one"))

    assert load(target, *data_files(b"one"), force=True) == ["0.csv: up to date", f"{TABLE}: created, 3 rows"]


def test_the_status_lists_files_and_tables_without_a_change() -> None:
    target, files = Target(), data_files(b"one", b"two")
    load(target, *files)
    target.stored.change("1.csv", b"2wo")
    before = dict(target.stored.files)

    output = list(data_status(target, course_data(*files), lambda name: name == TABLE))

    assert output == [
        f"{VOLUME}/0.csv: 3 bytes",
        f"{VOLUME}/1.csv: 3 bytes, changed or removed since",
        f"{TABLE}: exists",
    ]
    assert target.stored.files == before
    assert list(data_status(Target(lacking=(VOLUME,)), course_data(*files), lambda _: False)) == [
        f"{VOLUME}: missing",
        f"{TABLE}: missing",
    ]
    assert f"{VOLUME}: nothing loaded" in list(data_status(Target(), course_data(*files), lambda _: False))
