"""Saves of files, as they happen."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import watchfiles

# Editors write a file in several steps
_SETTLE_MS = 100
_LOOK_MS = 300


def saves(places: Sequence[Path]) -> Iterator[None]:
    """Yield at once, and whenever files below these places change; never ends.

    Changes between two steps of the caller count as one, so that none is lost while a run takes its time.

    Args:
        places: files and folders.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    watching = False
    looks = watchfiles.watch(*places, step=_SETTLE_MS, rust_timeout=_LOOK_MS, yield_on_timeout=True)
    for changes in looks:
        # the first look, without changes, says that the places are watched
        if changes or not watching:
            watching = True
            yield
