"""Values that are almost one that Databricks knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_SHORTEST = 6  # of what has fewer letters, too much is near


def meant(value: str, known: Iterable[str], *, any_case: bool) -> str | None:
    """The known value that was meant; None where the value may well be one that is newer than the list.

    Newer values resemble known ones: they have another number or another word, or a syllable before them
    that turns their meaning round. Only one letter that is missing, too many, another or moved, and
    letters in the other case, make a value misspelled.

    Args:
        value: what is written, none of the known ones.
        known: all that are known.
        any_case: whether Databricks compares them without case.
    """
    by_upper = {one.upper(): one for one in known}
    written = value.upper()
    if written in by_upper:
        return None if any_case else by_upper[written]
    for near in get_close_matches(written, by_upper, n=1, cutoff=0.8):
        if min(len(near), len(written)) >= _SHORTEST and near[0] == written[0] and _one_slip(written, near):
            return by_upper[near]
    return None


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter, which is no digit, makes the difference."""
    changes = [
        (one[start:end], other[from_:to])
        for what, start, end, from_, to in SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
        if what != "equal"
    ]
    gone, come = ("".join(letters) for letters in zip(*changes, strict=True))
    return len(gone) < 2 and len(come) < 2 and not any(letter.isdigit() for letter in gone + come)
