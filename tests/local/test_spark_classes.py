"""The archive of Spark's classes, with a Spark that writes what a test says."""

from __future__ import annotations

from pathlib import Path

from local import spark_classes
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

    assert spark_classes.make(tmp_path, lambda made: None) == "none: this Java keeps no classes"
    assert list(tmp_path.iterdir()) == []
