"""Saves of files, as they happen."""

from pathlib import Path

from local.saves import saves


def test_saves_come_one_after_the_other_and_none_is_lost_between_two_steps(tmp_path: Path) -> None:
    """The first step needs no save; a save while the caller is busy comes with the next step."""
    file = tmp_path / "a.py"
    steps = saves([tmp_path])

    next(steps)
    file.write_text("1")
    next(steps)
    file.write_text("2")
    next(steps)
    steps.close()  # type: ignore[attr-defined]
