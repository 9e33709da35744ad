"""Kept code is read under its key, and is never wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mesh.synthesis.kept_code import KeptCode

KEY, OTHER, THIRD = "a" * 64, "b" * 64, "c" * 64


def test_kept_code_is_read_under_its_key(tmp_path: Path) -> None:
    kept = KeptCode(tmp_path / "kept")
    kept.write(KEY, b'{"resource": {}}')

    assert kept.read(KEY) == b'{"resource": {}}'
    assert kept.read(OTHER) is None


def test_git_ignores_kept_code(tmp_path: Path) -> None:
    KeptCode(tmp_path / "kept").write(KEY, b"{}")

    assert (tmp_path / "kept" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("damage", [lambda held: held[:-1], lambda held: b"", lambda held: held + b" "])
def test_damaged_code_counts_as_missing(tmp_path: Path, damage) -> None:
    kept = KeptCode(tmp_path)
    kept.write(KEY, b"{}")
    (tmp_path / KEY).write_bytes(damage((tmp_path / KEY).read_bytes()))

    assert kept.read(KEY) is None


def test_where_nothing_can_be_kept_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptCode(tmp_path / "file" / "kept")

    kept.write(KEY, b"{}")
    kept.shrink()

    assert kept.read(KEY) is None


def test_the_least_recently_used_code_is_removed(tmp_path: Path) -> None:
    kept = KeptCode(tmp_path, most_bytes=500)
    for age, key in enumerate([THIRD, OTHER, KEY]):
        kept.write(key, b"x" * 150)
        os.utime(tmp_path / key, (1000 - age, 1000 - age))
    kept.read(KEY)  # the oldest, and used now

    kept.shrink()

    assert kept.read(KEY) == b"x" * 150
    assert kept.read(OTHER) is None


def test_code_below_the_limit_stays(tmp_path: Path) -> None:
    kept = KeptCode(tmp_path, most_bytes=500)
    kept.write(KEY, b"x" * 150)

    kept.shrink()

    assert kept.read(KEY) == b"x" * 150
