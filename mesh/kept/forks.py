"""Work that is shared with forks of this process.

A fork has everything that this process has imported and read, so it starts in a few milliseconds. It does its
share and hands over the results.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_Mask = Iterable[int]

_MOST_PROCESSES = 4
_THREADS = Path("/proc/self/task")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_NUMBER = 4  # bytes
# In a pipe that nobody reads. The system may give one page to a pipe of a user who has very many.
_MOST_NUMBERS = 1024


def processes() -> int:
    """How many processes may share work; one where forks are not safe.

    A fork has one thread of its process, and locks of the others stay locked in it. So a process with more
    threads gets no forks, nor does one on a system that does not tell their number. Pythons that were built
    for old systems have no files in memory, with which forks hand over results.
    """
    if not hasattr(os, "memfd_create"):
        return 1
    try:
        alone = len(list(_THREADS.iterdir())) == 1
    except OSError:
        return 1
    return min(_MOST_PROCESSES, len(os.sched_getaffinity(0))) if alone else 1


def shared(work: Callable[[T], R], items: Sequence[T], most: int | None = None) -> list[R]:
    """The results of `work` for each item, in order, as if this process did all of it.

    Each process takes the next item as soon as it has finished one. What a fork could not do, this process
    does at the end, in order. So an error is raised here, and it is the same with any number of processes.

    Args:
        work: a function whose results can be pickled, and which need not run in this process.
        items: what to work on.
        most: the number of processes; by default as many as are useful and safe.
    """
    number = min(processes() if most is None else most, len(items))
    results: dict[int, R] = {}
    if number > 1:
        with _Shares(len(items)) as shares, _forks(number - 1, work, items, shares) as forks:
            results = _done(work, items, shares)
            for one in forks:
                results |= one.results()
    return [results[place] if place in results else work(item) for place, item in enumerate(items)]


def _done(work: Callable[[T], R], items: Sequence[T], shares: _Shares) -> dict[int, R]:
    """The results of the share of this process, by place; without those that have an error."""
    results = {}
    for place in shares:
        with suppress(Exception):  # raised when the work is done again
            results[place] = work(items[place])
    return results


class _Shares:
    """Gives each place to one of several processes. It is a pipe with numbers; who reads one, has it."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._step = -(-places // _MOST_NUMBERS)

    def __enter__(self) -> _Shares:
        self._read, write = os.pipe()
        numbers = range(0, self._places, self._step)
        os.write(write, b"".join(one.to_bytes(_NUMBER, "big") for one in numbers))
        os.close(write)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._read)

    def __iter__(self) -> Iterator[int]:
        while number := os.read(self._read, _NUMBER):
            first = int.from_bytes(number, "big")
            yield from range(first, min(first + self._step, self._places))


class _Fork(Generic[T, R]):
    """A fork of this process that does its share."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T], shares: _Shares, mask: _Mask) -> None:
        self._held = os.memfd_create("results")  # a pipe would be full before this process reads it
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self._held)
            raise
        if self._pid == 0:
            _run(lambda: self._write(_done(work, items, shares)), mask)

    def results(self) -> dict[int, R]:
        """Its results by place; fewer if it failed, or was ended."""
        self._wait()
        with os.fdopen(os.dup(self._held), "rb") as file:
            file.seek(0)
            with suppress(Exception):  # it is empty, or nobody can read it back
                # from the fork, which made it in memory
                results: dict[int, R] = pickle.load(file)  # noqa: S301
                return results
        return {}

    def end(self) -> None:
        """Ends it, if it is not done."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._wait()
        os.close(self._held)

    def _wait(self) -> None:
        if self._pid:
            with suppress(ChildProcessError):  # SIGCHLD is ignored, so the system has waited for it
                os.waitpid(self._pid, 0)
            self._pid = 0

    def _write(self, results: dict[int, Any]) -> None:
        with os.fdopen(os.dup(self._held), "wb") as file:
            file.write(pickle.dumps(results, pickle.HIGHEST_PROTOCOL))


def _run(work: Callable[[], None], mask: _Mask) -> None:
    """Runs the work of a fork and ends it, without anything that this process does when it ends."""
    try:
        for one in _SIGNALS:
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        work()
    finally:
        os._exit(0)


@contextmanager
def _forks(
    number: int, work: Callable[[T], R], items: Sequence[T], shares: _Shares
) -> Iterator[list[_Fork[T, R]]]:
    forks: list[_Fork[T, R]] = []
    # no signal may find a fork that still has the handlers of this process, or that nobody ends
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        with suppress(OSError):  # no more processes or memory: then there are fewer
            for _ in range(number):
                forks.append(_Fork(work, items, shares, mask))
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        yield forks
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for one in forks:
            one.end()
