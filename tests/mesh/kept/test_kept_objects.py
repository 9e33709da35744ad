"""Objects that are kept; tests/mesh/reading/test_read_mesh.py tries every origin that must not be read."""

from __future__ import annotations

from pathlib import Path

from mesh.kept.kept_objects import FOLDER, KeptObjects


def test_objects_are_read_back_by_their_key(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    KeptObjects(tmp_path / "mesh", environ).keep({"a": (1, "b"), "c": None})

    kept = KeptObjects(tmp_path / "mesh", environ)

    assert (kept.read("a"), kept.read("c"), kept.read("d")) == ((1, "b"), None, None)


def test_what_is_nested_too_deeply_is_not_kept(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    deep: object = ()
    for _ in range(100_000):
        deep = (deep,)

    KeptObjects(tmp_path / "mesh", environ).keep({"a": deep, "b": 1})

    kept = KeptObjects(tmp_path / "mesh", environ)
    assert (kept.read("a"), kept.read("b")) == (None, 1)


def test_another_secret_reads_nothing(tmp_path: Path) -> None:
    KeptObjects(tmp_path / "mesh", {"XDG_STATE_HOME": str(tmp_path / "one")}).keep({"a": 1})

    assert (tmp_path / "mesh" / FOLDER).is_dir()
    assert KeptObjects(tmp_path / "mesh", {"XDG_STATE_HOME": str(tmp_path / "two")}).read("a") is None
