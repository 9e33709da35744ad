"""A process for pytest that need not import pyspark: a fork of the one from which tasks are forked.

The fork has this program's terminal. `local.notebook.callers` is its side.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

FORKS_PATH = "/local/forks"  # not below /api: a real workspace has no such endpoint
_ANSWER_SECONDS = 5.0
_START_SECONDS = 30.0
# Variables that Python reads when it starts, and that make no difference to a test
_NO_DIFFERENCE = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONBREAKPOINT", "PYTHONIOENCODING"}


def python_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that configure Python itself, which a fork cannot take from its caller."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("PYTHON") and name not in _NO_DIFFERENCE
    }


def run(module: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> int | None:
    """Runs a module in a fork and returns its exit code.

    Args:
        module: the module, as for `python -m`.
        arguments: its arguments.
        cwd: the working directory.
        environment: all environment variables, with DATABRICKS_HOST and DATABRICKS_TOKEN.

    Returns:
        The exit code; None if there is no such process, and the caller should start a new one.
    """
    path = _socket(environment)
    if path is None:
        return None
    request = {"module": module, "arguments": list(arguments), "cwd": str(cwd)}
    content = json.dumps({**request, "environment": dict(environment)}).encode() + b"\n"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_START_SECONDS)
        connection.connect(path)
        sent = socket.send_fds(connection, [content], [0, 1, 2])
        if rest := content[sent:]:
            connection.sendall(rest)
        answers = connection.makefile("rb")
        told = json.loads(answers.readline() or b"{}")
        if "pid" in told:  # not if it ended before it started anything
            connection.settimeout(None)
            return _ended(told["pid"], answers)
    return None


def _ended(pid: int, answers: BinaryIO) -> int:
    """Waits for the end of the fork and returns its exit code; that of a killed one if nobody tells it."""
    try:
        with on_interrupt(lambda: os.kill(pid, signal.SIGINT)):
            ended = answers.readline()
    except OSError:  # it has started, so it is not to be started again
        ended = b""
    return int(json.loads(ended)["code"]) if ended else -signal.SIGKILL


@contextlib.contextmanager
def on_interrupt(action: Callable[[], None]) -> Iterator[None]:
    """Calls an action for Ctrl-C, instead of ending: the process that runs the tests decides when it ends."""

    def interrupted(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            action()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _socket(environment: Mapping[str, str]) -> str | None:
    """Asks the workspace for the socket; None if its Python is another one than that of this program."""
    token = environment["DATABRICKS_TOKEN"]
    request = urllib.request.Request(  # noqa: S310 - the workspace's own address
        environment["DATABRICKS_HOST"] + FORKS_PATH, headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:  # noqa: S310
            told: dict[str, Any] = json.load(response)
    except (OSError, ValueError, http.client.HTTPException):  # also an older workspace without this answer
        return None
    same = told["prefix"] == sys.prefix and told["settings"] == python_settings(environment)
    return str(told["socket"]) if same else None
