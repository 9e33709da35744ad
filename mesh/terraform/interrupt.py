"""Runs commands that must finish their current operation when the user interrupts them.

Signals belong to the whole process, so this module keeps one list of running commands for all threads.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from mesh.console import diagnostic
from mesh.errors import OutsideError

RERUN_HINT = "completed changes are in the state: run it again for the rest"

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.2
_PROGRAMS = ("terraform", "tofu")


class StoppedError(OutsideError):
    """The user interrupted; the running commands have finished their current operations."""


@dataclass(frozen=True)
class Completed:
    """A command that ended.

    Args:
        code: its exit code; negative if a signal ended it.
        stdout: its output.
        stderr: its error output.
        interrupted: True if the user interrupted while it ran.
    """

    code: int
    stdout: str
    stderr: str
    interrupted: bool = False


@dataclass
class _Shield:
    """The commands that run while signals are held back."""

    signals: list[int] = field(default_factory=list)
    notified: set[int] = field(default_factory=set)
    arrived: threading.Event = field(default_factory=threading.Event)

    def record(self, number: int, frame: FrameType | None) -> None:
        """The handler of a signal."""
        self.signals.append(number)
        self.arrived.set()
        message = (
            "stopping now"
            if len(self.signals) > 1
            else "stopping after Terraform has finished its current operations (interrupt again to stop now)"
        )
        with suppress(OSError):  # the terminal may be closed
            diagnostic(f"\nmesh: {message}")


_shields: list[_Shield] = []


@contextmanager
def shield() -> Iterator[None]:
    """Delays signals until the running commands of all threads have finished.

    Every command runs in its own session, so Ctrl-C in a terminal reaches this process only. The first signal
    is sent to Terraform, which finishes its current operations and writes its state; no further command
    starts. The second signal ends all processes.

    SIGHUP stays ignored where the process ignores it, as below `nohup`.

    It must be called in the main thread. Inside another shield it does nothing.
    """
    if _shields:
        yield
        return
    one = _Shield()
    ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else set()
    heard = [number for number in _SIGNALS if number not in ignored]
    before = {number: signal.signal(number, one.record) for number in heard}
    _shields.append(one)
    try:
        yield
    finally:
        _shields.remove(one)
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupted() -> bool:
    """True if a signal has arrived within the current shield."""
    return bool(_shields and _shields[0].signals)


def pause(seconds: float) -> None:
    """Waits; a signal within a shield ends the wait.

    Raises:
        StoppedError: the user interrupted.
    """
    if not _shields:
        time.sleep(seconds)
    elif _shields[0].arrived.wait(seconds):
        raise StoppedError("interrupted while waiting")


def run(
    command: Sequence[str],
    environ: Mapping[str, str],
    cwd: Path,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Runs a command to its end.

    After a signal, Terraform and its child processes are interrupted; a command without Terraform is ended.
    Terraform is recognized by its name: `terraform`, `tofu` or the name in TERRAFORM_BINARY_NAME. This
    program may be a script, so its child processes are interrupted, too.

    Args:
        command: the program and its arguments.
        environ: the whole environment of the command.
        cwd: the working folder.
        on_line: receives each line of the command's output while the command runs.

    Raises:
        StoppedError: the user interrupted before the command started.
        OutsideError: the program does not exist or cannot be started.
    """
    if threading.current_thread() is not threading.main_thread():
        return _run(command, environ, cwd, on_line)
    with shield():
        return _run(command, environ, cwd, on_line)


def _run(
    command: Sequence[str],
    environ: Mapping[str, str],
    cwd: Path,
    on_line: Callable[[str], None] | None,
) -> Completed:
    if interrupted():
        raise StoppedError(f"{Path(command[0]).name} was not started")
    process = _start(command, environ, cwd)
    programs = {*_PROGRAMS, Path(environ.get("TERRAFORM_BINARY_NAME", "")).name}
    shield = _shields[0] if _shields else _Shield()
    out, err = _Reader(process.stdout, on_line), _Reader(process.stderr, None)
    while True:
        try:
            code = process.wait(_POLL_SECONDS)
            break
        except subprocess.TimeoutExpired:
            if shield.signals:
                _stop(process, programs, shield.notified, at_once=len(shield.signals) > 1)
    return Completed(code, out.text(), err.text(), bool(shield.signals))


def _start(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            env=dict(environ),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise OutsideError(f"{command[0]} cannot be started: {error.strerror or error}") from error


class _Reader:
    """Reads a stream in a thread of its own, so that neither stream fills its pipe."""

    def __init__(self, stream: IO[str] | None, on_line: Callable[[str], None] | None) -> None:
        assert stream is not None  # all streams are pipes
        self._lines: list[str] = []
        self._stream = stream
        self._on_line = on_line
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._stream as stream:
            for line in stream:
                self._lines.append(line)
                if self._on_line:
                    self._on_line(line)

    def text(self) -> str:
        # a program that Terraform started, and that outlives it, may hold the stream open
        self._thread.join(_POLL_SECONDS * 5)
        return "".join(self._lines)


def _stop(process: subprocess.Popen[str], programs: Set[str], notified: set[int], *, at_once: bool) -> None:
    try:
        command = psutil.Process(process.pid)
        family = [*command.children(recursive=True), command]
        busy = {each for one in family if _runs(one, programs) for each in (one, *_below(one))}
        if at_once or not busy:
            for one in family:
                one.terminate()
        for one in busy:
            if one.pid not in notified:
                notified.add(one.pid)
                one.send_signal(signal.SIGINT)
    except psutil.NoSuchProcess:
        return


def _runs(process: psutil.Process, programs: Set[str]) -> bool:
    """True if a process runs one of the programs, directly or as a script."""
    try:
        return any(Path(argument).name in programs for argument in process.cmdline()[:3])
    except psutil.Error:
        return False


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.Error:
        return []
    return found
