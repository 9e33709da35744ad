"""Looks again and again, and goes on when the workspace does not answer for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from mesh.errors import OutsideError
from mesh.workshop.course.progress import Progress

Ask = Callable[[], Progress]
Show = Callable[[Progress], None]


def watch(ask: Ask, show: Show, every: float, sleep: Callable[[float], None]) -> NoReturn:
    """Show how far the class is, until the caller is interrupted.

    Args:
        ask: looks into the workspace.
        show: shows it; what is old says so.
        every: seconds between two looks.
        sleep: waits for so many seconds.

    Raises:
        OutsideError: the workspace does not answer the first time.
    """
    seen = ask()
    while True:
        show(seen)
        sleep(every)
        try:
            seen = ask()
        except OutsideError as error:
            seen = seen.stale(str(error).split("\n")[0])
