"""Reads the progress of a class repeatedly, also while the workspace does not answer for some time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from mesh.errors import OutsideError
from mesh.workshop.course.progress import Progress

Read = Callable[[], Progress]
Show = Callable[[Progress], None]


def watch(read: Read, show: Show, every: float, sleep: Callable[[float], None]) -> NoReturn:
    """Shows the progress until the caller is interrupted.

    Args:
        read: reads the progress from the workspace.
        show: shows the progress; if a read failed, the last progress again, with its failure.
        every: seconds between two reads.
        sleep: waits for a number of seconds.

    Raises:
        OutsideError: the first read failed.
    """
    progress = read()
    while True:
        show(progress)
        sleep(every)
        try:
            progress = read()
        except OutsideError as error:
            progress = progress.with_failure(str(error).split("\n")[0])
