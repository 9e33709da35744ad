"""What the pages of the course say, for tests: their sections, links and code."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "course"
TASKS = COURSE / "02-Deploy-Tasks"
WORKSPACE = "In a workspace"
STUDENT_PREP = COURSE / "01-Student-Prep" / "README.md"

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,4}) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        info: what stands behind the fence: `bash`, `bash fails`, `diff`, or nothing for what is only shown.
        text: the code.
        below: the headings that it stands below, the nearest one last.
    """

    info: str
    text: str
    below: tuple[str, ...]

    @property
    def language(self) -> str:
        """The first word behind the fence."""
        return self.info.partition(" ")[0]

    @property
    def fails(self) -> bool:
        """Whether it is there to be refused."""
        return self.info.endswith(" fails")


@dataclass(frozen=True)
class Page:
    """A page.

    Args:
        file: where it is.
    """

    file: Path

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """It without its code, in which a `#` is no heading."""
        return _FENCE.sub("", self.text)

    @property
    def sections(self) -> list[str]:
        """The headings of the second level, in order."""
        return [title for level, title in _HEADING.findall(self.prose) if level == "##"]

    @property
    def links(self) -> list[str]:
        """Where it links to, but for other sites."""
        return [link for link in _LINK.findall(self.prose) if "://" not in link]

    def blocks(self) -> Iterator[Block]:
        """Yield its code, in order."""
        for match in _FENCE.finditer(self.text):
            text = textwrap.dedent(match["indent"] + match["text"].lstrip(" "))
            yield Block(match["info"].strip(), text, self._headings(match.start()))

    def steps(self) -> list[Block]:
        """What a student types who has a workspace on the own machine, without the check."""
        wanted = [block for block in self.blocks() if block.language in ("bash", "diff")]
        return [block for block in wanted if WORKSPACE not in block.below and "Check" not in block.below]

    def _headings(self, end: int) -> tuple[str, ...]:
        before = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), self.text[:end])
        open_ones: dict[int, str] = {}
        for level, title in _HEADING.findall(before):
            open_ones = {depth: one for depth, one in open_ones.items() if depth < len(level)}
            open_ones[len(level)] = title
        return tuple(open_ones.values())


def tasks() -> list[str]:
    """The folders of the tasks, in order."""
    return sorted(folder.name for folder in TASKS.iterdir() if folder.is_dir() and folder.name[:1].isdigit())


def page(task: str) -> Page:
    """The page of a task."""
    return Page(TASKS / task / "README.md")


def every_page() -> list[Page]:
    """All pages, answers included."""
    return [Page(file) for file in sorted(COURSE.rglob("*.md"))]
