"""Questions about the files below a root, with their answers.

What is read from files is a function of these answers. So whoever has the same answers has the same result,
wherever the files are, and need not read it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True)
class Questions:
    """What was asked about files; all paths are relative to the root.

    Args:
        names: folders whose names were listed.
        entries: paths of which the kind of entry was asked, in folders that were not listed.
        links: paths whose links were followed.
        contents: files that were read.
    """

    names: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()


@dataclass
class Answers:
    """The answers to the questions, by path, in the order in which they were asked."""

    names: dict[str, str] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)

    @property
    def questions(self) -> Questions:
        """The questions without the answers."""
        return Questions(tuple(self.names), tuple(self.entries), tuple(self.links), tuple(self.contents))

    def key(self, *facts: str) -> str:
        """The hash of questions, answers and other facts, as hexadecimal digits: equal only if all are equal.

        Args:
            facts: what else the result depends on.
        """
        asked: tuple[Mapping[str, str], ...] = (self.names, self.entries, self.links, self.contents)
        return sha256(json.dumps([facts, *asked]).encode()).hexdigest()
