"""Work that is shared with forks has the results and errors of work that one process does."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from mesh.kept.forks import processes, shared

ITEMS = range(40)
HERE = os.getpid()


def doubled(item: int) -> int:
    return 2 * item


def wrong_from_7(item: int) -> int:
    if item >= 7:
        raise ValueError(item)
    return doubled(item)


def elsewhere(what: Callable[[], object]) -> Callable[[int], int]:
    """Work that does something else in a fork."""

    def work(item: int) -> int:
        if os.getpid() != HERE:
            what()
        return doubled(item)

    return work


@pytest.mark.parametrize("most", [1, 2, 5])
@pytest.mark.parametrize("items", [ITEMS, range(1), range(0), range(20_000)], ids=len)
def test_results_are_in_order(items: range, most: int) -> None:
    assert shared(doubled, items, most) == [doubled(one) for one in items]


@pytest.mark.parametrize("most", [1, 2, 5])
def test_the_first_error_is_raised_here(most: int) -> None:
    with pytest.raises(ValueError, match=r"^7$"):
        shared(wrong_from_7, ITEMS, most)


@pytest.mark.parametrize(
    "what",
    [lambda: os._exit(0), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: [][0]],
    ids=["ends", "is killed", "has an error"],
)
def test_what_a_fork_leaves_is_done_here(what: Callable[[], object]) -> None:
    assert shared(elsewhere(what), ITEMS, 3) == [doubled(one) for one in ITEMS]


def test_results_that_cannot_be_handed_over_are_made_here() -> None:
    [*results] = shared(lambda item: lambda: item, ITEMS, 2)

    assert [one() for one in results] == [*ITEMS]


def test_an_interrupt_ends_the_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    forks: list[int] = []
    fork = os.fork

    def recorded() -> int:
        forks.append(fork())
        return forks[-1]

    monkeypatch.setattr(os, "fork", recorded)

    def work(item: int) -> int:
        if os.getpid() == HERE:
            raise KeyboardInterrupt
        signal.pause()
        return item

    with pytest.raises(KeyboardInterrupt):
        shared(work, ITEMS, 3)

    assert len(forks) == 2
    for one in forks:
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)


def test_without_processes_or_memory_there_are_no_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    before = {*Path("/proc/self/fd").iterdir()}

    assert shared(doubled, ITEMS, 3) == [doubled(one) for one in ITEMS]
    assert {*Path("/proc/self/fd").iterdir()} == before


def test_numbers_fit_in_the_smallest_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with very many pipes gets pipes of one page, into which more could not be written."""
    pipe, write_some = os.pipe, os.write

    def small() -> tuple[int, int]:
        read, write = pipe()
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 1)
        os.set_blocking(write, False)
        return read, write

    def write_all(file: int, content: bytes) -> int:
        assert write_some(file, content) == len(content)
        return len(content)

    monkeypatch.setattr(os, "pipe", small)
    monkeypatch.setattr(os, "write", write_all)

    assert shared(doubled, range(20_000), 2) == [doubled(one) for one in range(20_000)]


def test_a_python_without_files_in_memory_works_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")

    assert processes() == 1
    assert shared(doubled, ITEMS) == [doubled(one) for one in ITEMS]


def test_a_process_with_threads_works_alone() -> None:
    held: list[int] = []
    thread = Thread(target=lambda: held.append(processes()))
    thread.start()
    thread.join()

    assert held == [1]
