"""The hash of the program changes with each of its files and facts."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from mesh.kept.program import installed, program_hash


@pytest.fixture
def program(tmp_path: Path) -> Path:
    for name in ("a/one.py", "a/b/two.json", "c/three.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_files_elsewhere_and_compiled_files_do_not_count(program: Path) -> None:
    before = program_hash(program, ["a"], ["x"])
    (program / "c/three.py").write_text("")
    (program / "a/__pycache__").mkdir()
    (program / "a/__pycache__/one.txt").write_text("")
    (program / "a/one.pyc").write_text("")

    assert program_hash(program, ["a"], ["x"]) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda program: (program / "a/one.py").write_text(""),
        lambda program: (program / "a/b/two.json").unlink(),
        lambda program: (program / "a/b/two.json").rename(program / "a/two.json"),
        lambda program: (program / "a/b/new").write_text(""),
    ],
)
def test_a_changed_file_is_another_program(program: Path, change: object) -> None:
    before = program_hash(program, ["a"], ["x"])
    assert callable(change)

    change(program)

    assert program_hash(program, ["a"], ["x"]) != before


def test_other_facts_are_another_program(program: Path) -> None:
    assert program_hash(program, ["a"], ["x"]) != program_hash(program, ["a"], ["y"])


def test_packages_are_named_with_their_versions() -> None:
    assert f"pydantic-{version('pydantic')}.dist-info" in [*installed(sys.path)]
    assert [*installed(["/missing"])] == []
