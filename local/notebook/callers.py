"""Programs that lend a forked process their own terminal: input, output and errors.

A program connects to a Unix socket and sends one line of JSON, with `module`, `arguments`, `cwd` and
`environment`, together with its file descriptors 0, 1 and 2. It receives `{"pid"}` when the process has
started, and `{"code"}` when it has ended. If the program ends before, so does the process.
"""

import array
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GRACE_SECONDS = 10.0
_FILES = 3
_STREAMS = ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
_MAX_BYTES = 10_000_000


@contextlib.contextmanager
def listening(path: str | None) -> Iterator[socket.socket | None]:
    """Listens for programs of the same user; removes the socket with its folder afterwards.

    Args:
        path: the socket, in a folder of its own that nobody else can enter; None to listen to nobody.
    """
    if path is None:
        yield None
        return
    process = os.getpid()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f"{path}-")
        listener.listen()
        Path(f"{path}-").rename(path)  # who sees it can connect
        try:
            yield listener
        finally:
            if os.getpid() == process:
                shutil.rmtree(Path(path).parent, ignore_errors=True)


def received(caller: socket.socket) -> dict[str, Any]:
    """Returns, in the new process, the request of a program, with its descriptors as `files`.

    Ends the process if the program sends none or waits no longer, and when the program ends.
    """
    content, files = b"", array.array("i")
    while not content.endswith(b"\n"):
        part, extra, _, _ = caller.recvmsg(1 << 20, socket.CMSG_SPACE(_FILES * files.itemsize))
        for level, kind, data in extra:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                files.frombytes(data[: len(data) - len(data) % files.itemsize])
        content += part
        if not part or len(content) > _MAX_BYTES:
            os._exit(1)
    if len(files) != _FILES:
        os._exit(1)
    request: dict[str, Any] = json.loads(content)
    try:
        caller.sendall(_line(pid=os.getpid()))
    except OSError:  # it has not waited, and started a process of its own
        os._exit(1)
    threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    return {**request, "files": list(files)}


def take_terminal() -> None:
    """Lets Python use the descriptors 0, 1 and 2 as a new process would, and Ctrl-C interrupt it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, buffering=1, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        for number, mode, errors in _STREAMS
    )


def tell(caller: socket.socket, **content: int) -> None:
    """Sends an answer; no effect if the program has ended."""
    with contextlib.suppress(OSError):
        caller.sendall(_line(**content))


def _line(**content: int) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _end_with(caller: socket.socket) -> None:
    """Waits for the end of the program; interrupts this process then, and kills it if it goes on."""
    with contextlib.suppress(OSError):
        caller.recv(1)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(GRACE_SECONDS)
    os.killpg(os.getpid(), signal.SIGKILL)
