"""Run a command that must not be cut off in the middle of what it does to a workspace."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil

from mesh.console import diagnostic

NOTHING_LOST = "what was done is in the state, and running it again does the rest"

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.2


def run(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> tuple[int, bool]:
    """Run a command to its end, and say whether somebody interrupted it.

    The command gets a session of its own, so Ctrl-C in a terminal reaches this process alone. The first
    signal is handed to Terraform, which ends what it has begun and writes its state; cdktf, which would
    drop Terraform's output and so kill it, never sees it. The second signal ends everything at once.

    Args:
        command: program and arguments.
        environ: its whole environment.
        cwd: where it runs.

    Returns:
        Its exit code, and whether it was interrupted.
    """
    process = subprocess.Popen(
        command, env=dict(environ), cwd=cwd, stdin=subprocess.DEVNULL, start_new_session=True
    )
    with _caught() as caught:
        told: set[int] = set()
        while True:
            try:
                return process.wait(_POLL_SECONDS), bool(caught)
            except subprocess.TimeoutExpired:
                if caught:
                    _stop(process, told, at_once=len(caught) > 1)


@contextmanager
def _caught() -> Iterator[list[int]]:
    """The signals that arrive, in place of what they would do."""
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        message = (
            "stopping now"
            if len(caught) > 1
            else "stopping when Terraform has ended what it has begun; once more to stop now"
        )
        diagnostic(f"\nmesh: {message}")

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(process: subprocess.Popen[bytes], told: set[int], *, at_once: bool) -> None:
    try:
        command = psutil.Process(process.pid)
        family = [*command.children(recursive=True), command]
        busy = [one for one in family if _is_terraform(one)]
        if at_once or not busy:
            for one in family:
                one.terminate()
        for one in busy:
            if one.pid not in told:
                told.add(one.pid)
                one.send_signal(signal.SIGINT)
    except psutil.NoSuchProcess:
        return


def _is_terraform(process: psutil.Process) -> bool:
    """Whether it is Terraform itself: the program, or the script that stands in for it."""
    try:
        return any(Path(part).name == "terraform" for part in process.cmdline()[:3])
    except psutil.Error:
        return False
