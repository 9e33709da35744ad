"""The archive of Spark's classes, with a Spark that writes what a test says."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import spark_classes, supervisor
from local.spark.server import ARCHIVE


def test_what_java_has_written_replaces_the_archive_at_once(tmp_path: Path) -> None:
    """Until then, Spark starts with the old one."""
    archive = tmp_path / ARCHIVE
    archive.write_text("old")

    def run(made: Path) -> None:
        assert archive.read_text() == "old"
        made.write_text("new")

    assert spark_classes.make(tmp_path, run) == "kept in .mesh/jars"
    assert archive.read_text() == "new"
    assert list(tmp_path.iterdir()) == [archive]


def test_of_a_java_without_archives_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / f"{ARCHIVE}.new").write_text("of an installation that was interrupted")
    (tmp_path / ARCHIVE).write_text("of other jars")

    assert spark_classes.make(tmp_path, lambda made: None) == "none: this Java keeps no classes"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def handlers() -> Iterator[None]:
    """The handlers of signals are as before afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_an_interrupted_installation_leaves_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handlers: None
) -> None:
    """`make` and the installer send a signal each."""
    ended = []

    def down(*arguments: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        ended.append(arguments)

    monkeypatch.setattr(sys, "argv", ["", str(tmp_path)])
    monkeypatch.setattr(supervisor, "up", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    monkeypatch.setattr(supervisor, "down", down)

    with pytest.raises(SystemExit):
        spark_classes.main()
    assert len(ended) == 1
