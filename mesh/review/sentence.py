"""Sentences that keep names apart from the report's own text, so that each format can quote names.

Names come from plans, and anybody who opens a pull request can write them: every format renders a name as
plain text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mesh.console import visible

_MAX_NAME_LENGTH = 800  # characters; three names of Unity Catalog with their dots are shorter
_MAX_NAMES = 8  # names in one sentence


@dataclass(frozen=True)
class Name:
    """Text from a plan or a workspace.

    Args:
        text: one line, with invisible characters escaped.
    """

    text: str

    @classmethod
    def of(cls, value: object) -> Name:
        """A value as a name."""
        text = visible(str(value))
        return cls(text if len(text) <= _MAX_NAME_LENGTH else f"{text[: _MAX_NAME_LENGTH - 1]}…")


Sentence = tuple[str | Name, ...]


def plain(sentence: Sentence) -> str:
    """The sentence as text, with names in backticks."""
    return "".join(part if isinstance(part, str) else f"`{part.text}`" for part in sentence)


def listed(values: Iterable[object], most: int = _MAX_NAMES) -> Sentence:
    """Names separated by commas: the first `most` names, then the number of the others."""
    names = [Name.of(value) for value in values]
    parts: list[str | Name] = []
    for name in names[:most]:
        parts += [", ", name] if parts else [name]
    if len(names) > most:
        parts.append(f" and {len(names) - most} more")
    return tuple(parts)


def joined(sentences: Sequence[Sentence], separator: str = "; ") -> Sentence:
    """Several sentences as one."""
    parts: list[str | Name] = []
    for sentence in sentences:
        parts += [separator, *sentence] if parts else sentence
    return tuple(parts)


def value_change(before: str | None, after: str | None) -> Sentence:
    """An attribute's new and old value; the caller writes the attribute's name and a colon before it.

    Args:
        before: the value now; None where the attribute is not set.
        after: the value after the change; None where the attribute is removed.
    """
    if before is None:
        return (Name.of(after), " (was not set)")
    if after is None:
        return ("not set (was ", Name.of(before), ")")
    return (Name.of(after), " instead of ", Name.of(before))


_OWN_TEXT = re.compile(r"[\w /.,;:()%'…-]*")


def quoted(text: str) -> Sentence:
    """Makes a sentence of text with names in backticks; ambiguous backticks make the whole text one name."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or not all(_OWN_TEXT.fullmatch(part) for part in parts[::2]):
        return (Name.of(text.replace("`", "")),)
    return tuple(Name.of(part) if index % 2 else part for index, part in enumerate(parts) if part)


def counted(number: int, noun: str) -> str:
    """A number and a noun in singular or plural: `1 schema`, `2 schemas`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("cy") else f"{number:,} {noun}s"
