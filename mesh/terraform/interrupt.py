"""Runs commands that must finish their current operation when the user interrupts them."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil

from mesh.console import diagnostic

RERUN_HINT = "completed changes are in the state: run it again for the rest"

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.2
_PROGRAMS = ("terraform", "tofu")


def run(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> tuple[int, bool]:
    """Runs a command to its end.

    The command runs in its own session, so Ctrl-C in a terminal reaches this process only. The first signal
    is sent to Terraform, which finishes its current operations and writes its state. cdktf never receives
    it: cdktf would close Terraform's output and thereby kill Terraform. The second signal ends all processes.

    Terraform is the program that TERRAFORM_BINARY_NAME names, or one named `terraform` or `tofu`, and all
    processes below it, as the program may be a script. Ctrl-C in a terminal reaches the same processes.

    Args:
        command: the program and its arguments.
        environ: the whole environment of the command.
        cwd: the working folder.

    Returns:
        The exit code, and True if the command was interrupted.
    """
    process = subprocess.Popen(
        command, env=dict(environ), cwd=cwd, stdin=subprocess.DEVNULL, start_new_session=True
    )
    programs = {*_PROGRAMS, Path(environ.get("TERRAFORM_BINARY_NAME", "")).name}
    with _record_signals() as caught:
        notified: set[int] = set()
        while True:
            try:
                return process.wait(_POLL_SECONDS), bool(caught)
            except subprocess.TimeoutExpired:
                if caught:
                    _stop(process, programs, notified, at_once=len(caught) > 1)


@contextmanager
def _record_signals() -> Iterator[list[int]]:
    """Records signals instead of executing their default actions."""
    caught: list[int] = []

    def record(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        message = (
            "stopping now"
            if len(caught) > 1
            else "stopping after Terraform has finished its current operations (interrupt again to stop now)"
        )
        diagnostic(f"\nmesh: {message}")

    before = {number: signal.signal(number, record) for number in _SIGNALS}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(process: subprocess.Popen[bytes], programs: Set[str], notified: set[int], *, at_once: bool) -> None:
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
