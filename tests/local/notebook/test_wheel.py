"""The entry point of a python_wheel_task."""

import sys
from pathlib import Path

import pytest

from local.notebook.wheel import find


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package `fare-jobs` with one entry point in its metadata and one function beside it."""
    (tmp_path / "fare_jobs").mkdir()
    (tmp_path / "fare_jobs" / "__init__.py").write_text(
        "def declared(): return 'declared'\ndef plain(): return 'plain'\n"
    )
    metadata = tmp_path / "fare_jobs-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: fare-jobs\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[console_scripts]\nrun = fare_jobs:declared\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "fare_jobs", raising=False)


@pytest.mark.parametrize(("entry_point", "result"), [("run", "declared"), ("plain", "plain")])
def test_metadata_come_before_functions(package: None, entry_point: str, result: str) -> None:
    assert find("fare-jobs", entry_point)() == result


def test_an_entry_point_that_does_not_exist_is_named(package: None) -> None:
    with pytest.raises(LookupError, match="package fare-jobs has no entry point other"):
        find("fare-jobs", "other")


def test_a_package_that_is_not_installed_is_named_with_the_remedy() -> None:
    with pytest.raises(LookupError, match=r"package no-such-package is not installed \(add its wheel"):
        find("no-such-package", "run")
