"""Garbage collection while many objects are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Turns off garbage collection.

    A model has few objects to free while it is made, and each collection looks at all objects of the mesh.
    Afterwards, the objects count as old ones, which collections seldom look at.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
            gc.enable()
