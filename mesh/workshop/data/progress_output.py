"""What is told while data is loaded: a line for each file and table, and a bar on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from rich.console import Console


class Telling(Protocol):
    """Is told what goes on."""

    def line(self, text: str) -> None:
        """Something came to its end."""

    def moving(self, what: str, content: BinaryIO, size: int) -> AbstractContextManager[BinaryIO]:
        """A file is about to be read to be put somewhere: read this instead, so that it is followed."""

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while, nobody knows how long."""


class Lines:
    """Lines alone, for a pipe or a log.

    Args:
        say: takes each.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def line(self, text: str) -> None:
        """Something came to its end."""
        self._say(text)

    def moving(self, what: str, content: BinaryIO, size: int) -> AbstractContextManager[BinaryIO]:
        """A file is about to be read."""
        return nullcontext(content)

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        return nullcontext()


class Bars:
    """Lines, and below them a bar for what is going on.

    Args:
        console: the terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, text: str) -> None:
        """Something came to its end."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def moving(self, what: str, content: BinaryIO, size: int) -> Iterator[BinaryIO]:
        """A file is about to be read."""
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        name = TextColumn("{task.description}", markup=False)
        columns = (name, BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            yield progress.wrap_file(content, total=size, description=what.rpartition("/")[2])

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Something takes a while."""
        from rich.text import Text

        return self._console.status(Text(what))


def size(number: int) -> str:
    """A number of bytes, in words."""
    from rich.filesize import decimal

    return decimal(number)
