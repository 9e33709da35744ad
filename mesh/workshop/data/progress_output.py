"""The output while data is loaded: a line per file and table, and a progress bar on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from rich.console import Console


class ProgressOutput(Protocol):
    """Receives progress events."""

    def report(self, text: str) -> None:
        """Prints the result of one step."""

    def track_upload(self, path: str, content: BinaryIO, size: int) -> AbstractContextManager[BinaryIO]:
        """Wraps the content of a file that is about to be uploaded, to show the progress.

        Args:
            path: the path in the volume.
            content: the file's content.
            size: in bytes.
        """

    def show_wait(self, text: str) -> AbstractContextManager[object]:
        """Shows that a step of unknown duration is running."""


class LineOutput:
    """Prints lines only, for a pipe or a log.

    Args:
        print_line: prints a line.
    """

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print_line = print_line

    def report(self, text: str) -> None:
        """Prints the result of one step."""
        self._print_line(text)

    def track_upload(self, path: str, content: BinaryIO, size: int) -> AbstractContextManager[BinaryIO]:
        """Returns the content unchanged."""
        return nullcontext(content)

    def show_wait(self, text: str) -> AbstractContextManager[object]:
        """Shows nothing."""
        return nullcontext()


class BarOutput:
    """Lines, and below them a progress bar for the current step.

    Args:
        console: the terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def report(self, text: str) -> None:
        """Prints the result of one step."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def track_upload(self, path: str, content: BinaryIO, size: int) -> Iterator[BinaryIO]:
        """Shows a progress bar while the content is read."""
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        name = TextColumn("{task.description}", markup=False)
        columns = (name, BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            yield progress.wrap_file(content, total=size, description=path.rpartition("/")[2])

    def show_wait(self, text: str) -> AbstractContextManager[object]:
        """Shows a spinner while a step is running."""
        from rich.text import Text

        return self._console.status(Text(text))


def format_size(size: int) -> str:
    """Formats a number of bytes, such as `1.2 MB`."""
    from rich.filesize import decimal

    return decimal(size)
