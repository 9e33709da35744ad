"""Kept results are read under its key, and are never wrong."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mesh.kept.kept_files import KeptFiles

KEY, OTHER, THIRD = "a" * 64, "b" * 64, "c" * 64


def test_kept_code_is_read_under_its_key(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path / "kept")
    kept.write(KEY, b'{"resource": {}}')

    assert kept.read(KEY) == b'{"resource": {}}'
    assert kept.read(OTHER) is None


def test_git_ignores_kept_code(tmp_path: Path) -> None:
    KeptFiles(tmp_path / "kept").write(KEY, b"{}")

    assert (tmp_path / "kept" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("damage", [lambda held: held[:-1], lambda held: b"", lambda held: held + b" "])
def test_damaged_code_counts_as_missing(tmp_path: Path, damage) -> None:
    kept = KeptFiles(tmp_path)
    kept.write(KEY, b"{}")
    (tmp_path / KEY).write_bytes(damage((tmp_path / KEY).read_bytes()))

    assert kept.read(KEY) is None


def test_where_nothing_can_be_kept_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptFiles(tmp_path / "file" / "kept")

    kept.write(KEY, b"{}")
    kept.shrink()

    assert kept.read(KEY) is None


def test_the_least_recently_used_code_is_removed(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, most_bytes=500)
    for age, key in enumerate([THIRD, OTHER, KEY]):
        kept.write(key, b"x" * 150)
        os.utime(tmp_path / key, (1000 - age, 1000 - age))
    kept.read(KEY)  # the oldest, and used now

    kept.shrink()

    assert kept.read(KEY) == b"x" * 150
    assert kept.read(OTHER) is None


def test_code_below_the_limit_stays(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, most_bytes=500)
    kept.write(KEY, b"x" * 150)

    kept.shrink()

    assert kept.read(KEY) == b"x" * 150


SECRET = b"s" * 32


def test_with_a_secret_results_are_read_under_their_key(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, secret=SECRET)
    kept.write(KEY, b"result")

    assert kept.read(KEY) == b"result"
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("other", [KeptFiles(Path(), secret=b"t" * 32), KeptFiles(Path())])
def test_results_under_another_secret_count_as_missing(tmp_path: Path, other: KeptFiles) -> None:
    replace(other, folder=tmp_path).write(KEY, b"result")

    assert KeptFiles(tmp_path, secret=SECRET).read(KEY) is None


def test_with_a_secret_a_result_under_another_key_counts_as_missing(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, secret=SECRET)
    kept.write(KEY, b"result")
    (tmp_path / KEY).rename(tmp_path / OTHER)

    assert kept.read(OTHER) is None


def test_with_a_secret_links_and_files_that_others_may_write_count_as_missing(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, secret=SECRET)
    kept.write(KEY, b"result")
    (tmp_path / OTHER).symlink_to(KEY)
    kept.write(THIRD, b"result")
    (tmp_path / THIRD).chmod(0o620)

    assert kept.read(OTHER) is None
    assert kept.read(THIRD) is None
