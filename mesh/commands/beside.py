"""Checks that run beside other work, which waits for what it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def beside(checks: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Runs checks, one after the other, in a thread beside the work within it.

    Args:
        checks: raise an error if the work must have no consequences.

    Raises:
        OutsideError: the first check that fails, after the work. An error of the work has precedence.
    """
    if not checks:
        yield
        return
    with ThreadPoolExecutor(1, thread_name_prefix="checks") as pool:
        done = pool.submit(lambda: [check() for check in checks])
        yield
        done.result()
