"""The start of the program `mesh`: it loads the commands, and ends in order when a signal ends it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from mesh.terraform.loopback import reach_directly

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_SIGNALLED = 128  # a shell's exit code for a signal: 128 and the signal's number


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line.

    Args:
        arguments: the words after `mesh`; None takes the arguments of this process.
    """
    reach_directly()
    with _ended_in_order():
        # lazy: loading takes so long that people interrupt it
        from mesh.cli.app import run

        run(arguments)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Has signals raise SystemExit, so that folders with plans are removed, and prints no traceback.

    Signals that the process ignores, such as SIGHUP below `nohup`, stay ignored.
    """
    heard = [one for one in _ENDING if signal.getsignal(one) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        heard = []  # Python sets handlers in the main thread only
    for one in heard:
        signal.signal(one, _end)
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(_SIGNALLED + signal.SIGINT)
    finally:
        for one in heard:
            signal.signal(one, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """The handler of a signal."""
    sys.exit(_SIGNALLED + number)
