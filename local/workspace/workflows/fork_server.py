"""The workspace's side of `local.notebook.fork_server`: processes of tasks that need not import first."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.workspace.store import Json

_COMMAND = (sys.executable, "-P", "-m", "local.notebook.fork_server")
_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.02
# unix(7): the path of a socket has at most 107 bytes, on macOS 103; `/mesh-abcdefgh/forks-` is added to it
_LONGEST_FOLDER = 80


class ForkServerRefusedError(Exception):
    """The fork server did not start a process: it has ended, or the machine refuses one."""


class ForkedProcess:
    """A process of a fork server, with the part of asyncio's interface for processes that tasks need.

    Args:
        pid: its id, which is also its process group.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    async def wait(self) -> int:
        """Wait until the process has ended, and return its exit code."""
        await self._ended.wait()
        return self.returncode or 0

    def end(self, code: int) -> None:
        """Record that the process has ended."""
        self.returncode = code
        self._ended.set()


class ForkServer:
    """A running fork server; `start` starts one.

    Args:
        process: its process.
        socket: the Unix socket at which it gives processes to other programs.
        environment: its environment variables.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, socket: Path, environment: Mapping[str, str]
    ) -> None:
        self._process = process
        self.socket, self.environment = socket, environment
        self._starting: dict[int, asyncio.Future[ForkedProcess]] = {}
        self._running: dict[int, ForkedProcess] = {}
        self._count = 0
        self._listens = False
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, environment: Mapping[str, str]) -> "ForkServer":
        """Start a server; its first process waits until it has imported what tasks import."""
        pipe = asyncio.subprocess.PIPE
        # Only its owner can enter the folder.
        socket = Path(tempfile.mkdtemp(prefix="mesh-", dir=_folder_of_sockets()), "forks")
        process = await asyncio.create_subprocess_exec(
            *_COMMAND, str(socket), env=environment, stdin=pipe, stdout=pipe, start_new_session=True
        )
        return cls(process, socket, environment)

    @property
    def ended(self) -> bool:
        """True if the server starts no more processes."""
        return self._reading.done()

    async def listening(self) -> None:
        """Wait until other programs can connect to the socket, or the server has ended."""
        # once only: what cleans up folders of temporary files may remove the socket after days
        while not (self.ended or self._listens or self.socket.exists()):
            await asyncio.sleep(_POLL_SECONDS)
        self._listens = True

    async def fork(
        self, module: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path
    ) -> ForkedProcess:
        """Start a process that runs a module. Cancelling the call stops the process.

        Args:
            module: the module, as for `python -m`.
            arguments: its arguments.
            cwd: the working directory.
            environment: all environment variables.
            log: the file to which its output is appended.

        Raises:
            ForkServerRefusedError: it starts none.
        """
        if self.ended or self._process.stdin is None:
            raise ForkServerRefusedError
        self._count += 1
        request = {"id": self._count, "module": module, "arguments": list(arguments), "cwd": str(cwd)}
        request |= {"environment": dict(environment), "log": str(log)}
        started = self._starting[self._count] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        try:
            return await started
        except asyncio.CancelledError:
            if not started.cancelled() and started.exception() is None:  # it started at this moment
                kill_group(started.result().pid, signal.SIGKILL)
            raise

    async def close(self) -> None:
        """End the server; its processes go on, except those whose start was cancelled.

        The server ends after the last of them, also of those of other programs.
        """
        if self._process.stdin:
            self._process.stdin.close()
        # a server that still imports forks the cancelled ones afterwards
        if not self._running and all(each.cancelled() for each in self._starting.values()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._reading), _GRACE_SECONDS)

    async def _read(self) -> None:
        stdout = self._process.stdout
        while stdout and (line := await stdout.readline()):
            self._receive(json.loads(line))
        await self._process.wait()
        shutil.rmtree(self.socket.parent, ignore_errors=True)
        for future in self._starting.values():
            if not future.done():
                future.set_exception(ForkServerRefusedError())
        for process in self._running.values():
            # nobody can tell any more how it ended
            kill_group(process.pid, signal.SIGKILL)
            process.end(-signal.SIGKILL)

    def _receive(self, answer: Json) -> None:
        started = self._starting.pop(answer["id"], None)
        if started and "pid" in answer:
            if started.cancelled():
                kill_group(answer["pid"], signal.SIGKILL)
            else:
                process = self._running[answer["id"]] = ForkedProcess(answer["pid"])
                started.set_result(process)
        elif started:
            if not started.cancelled():
                started.set_exception(ForkServerRefusedError())
        elif process := self._running.pop(answer["id"], None):
            process.end(answer["code"])


def _folder_of_sockets() -> str:
    """Return the folder of temporary files; /tmp if the path of a socket in it would be too long."""
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) <= _LONGEST_FOLDER else "/tmp"  # noqa: S108 - a folder of its own


def kill_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group; no effect if it has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
