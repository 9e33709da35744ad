"""Sentences in which a name is told apart from our own words, so that whoever renders one can quote it.

Names come from plans, which anybody who opens a pull request has written: no renderer lets one through as
anything but text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mesh.console import visible

_LONGEST = 800  # characters; three names of Unity Catalog with their dots are shorter
_MOST = 8  # names in one sentence


@dataclass(frozen=True)
class Name:
    """Text that somebody else has written.

    Args:
        text: on one line, with characters that nobody would see written as escapes.
    """

    text: str

    @classmethod
    def of(cls, value: object) -> Name:
        """A value as a name."""
        text = visible(str(value))
        return cls(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


Sentence = tuple[str | Name, ...]


def plain(sentence: Sentence) -> str:
    """The sentence as text, with names in backticks."""
    return "".join(part if isinstance(part, str) else f"`{part.text}`" for part in sentence)


def listed(values: Iterable[object], most: int = _MOST) -> Sentence:
    """Names with commas between them; of many only the first, and how many more there are."""
    names = [Name.of(value) for value in values]
    parts: list[str | Name] = []
    for name in names[:most]:
        parts += [", ", name] if parts else [name]
    if len(names) > most:
        parts.append(f" and {len(names) - most} more")
    return tuple(parts)


def joined(sentences: Sequence[Sentence], separator: str = "; ") -> Sentence:
    """Several sentences in a row."""
    parts: list[str | Name] = []
    for sentence in sentences:
        parts += [separator, *sentence] if parts else sentence
    return tuple(parts)


_OURS = re.compile(r"[\w /.,;:()-]*")


def quoted(text: str) -> Sentence:
    """Our own text in which names stand in backticks; where one may hold a backtick, all of it is a name."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or not all(_OURS.fullmatch(part) for part in parts[::2]):
        return (Name.of(text.replace("`", "")),)
    return tuple(Name.of(part) if index % 2 else part for index, part in enumerate(parts) if part)


def counted(number: int, word: str) -> str:
    """`1 schema`, `2 schemas`."""
    if number == 1:
        return f"1 {word}"
    return f"{number:,} {word[:-1]}ies" if word.endswith("cy") else f"{number:,} {word}s"
