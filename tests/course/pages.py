"""The pages of the course, for tests: their sections, links and code."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "course"
PARTS = ("02-Deploy-Tasks", "03-Deploy-Pipelines", "04-Contracts-and-Quality")
WORKSPACE = "In a workspace"
STUDENT_PREP = COURSE / "01-Student-Prep" / "README.md"

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,4}) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        info: the text after the fence: `bash`, `bash fails`, `bash after the answer`, `diff`, `text output`, or
            nothing for an example.
        text: the code.
        below: the headings above it, the nearest last.
    """

    info: str
    text: str
    below: tuple[str, ...]

    @property
    def language(self) -> str:
        """The first word after the fence."""
        return self.info.partition(" ")[0]

    @property
    def fails(self) -> bool:
        """True if the commands must fail."""
        return self.info.endswith(" fails")

    @property
    def follows_answer(self) -> bool:
        """True if the student first does what the answer says."""
        return self.info.endswith(" after the answer")

    @property
    def promised(self) -> list[str]:
        """Lines that the steps before it must print."""
        return [line.strip() for line in self.text.splitlines()] if self.info == "text output" else []


@dataclass(frozen=True)
class Page:
    """A page of the course.

    Args:
        file: its file.
    """

    file: Path

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without code, where a `#` is a comment."""
        return _FENCE.sub("", self.text)

    @property
    def sections(self) -> list[str]:
        """The headings of the second level, in order."""
        return [title for level, title in _HEADING.findall(self.prose) if level == "##"]

    @property
    def links(self) -> list[str]:
        """Its links, without links to other sites."""
        return [link for link in _LINK.findall(self.prose) if "://" not in link]

    def blocks(self) -> Iterator[Block]:
        """The blocks of code, in order."""
        for match in _FENCE.finditer(self.text):
            text = textwrap.dedent(match["indent"] + match["text"].lstrip(" "))
            yield Block(match["info"].strip(), text, self._headings(match.start()))

    def steps(self) -> list[Block]:
        """The steps of a student with a local workspace and what they promise to print, without the check."""
        steps = [block for block in self.blocks() if block.language in ("bash", "diff") or block.promised]
        return [block for block in steps if WORKSPACE not in block.below and "Check" not in block.below]

    def _headings(self, end: int) -> tuple[str, ...]:
        before = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), self.text[:end])
        current: dict[int, str] = {}
        for level, title in _HEADING.findall(before):
            current = {depth: one for depth, one in current.items() if depth < len(level)}
            current[len(level)] = title
        return tuple(current.values())


def tasks(parts: Iterable[str] = PARTS) -> list[str]:
    """The names of the tasks of some parts, in order."""
    return [folder.name for part in parts for folder in sorted((COURSE / part).iterdir()) if folder.is_dir()]


def folder_of(task: str) -> Path:
    """The folder of a task."""
    [folder] = [COURSE / part / task for part in PARTS if (COURSE / part / task).is_dir()]
    return folder


def page(task: str) -> Page:
    """The page of a task."""
    return Page(folder_of(task) / "README.md")


def answer(task: str) -> Page:
    """The answer of a task."""
    return Page(folder_of(task) / "answer.md")


def every_page() -> list[Page]:
    """All pages, answers included."""
    return [Page(file) for file in sorted(COURSE.rglob("*.md"))]
