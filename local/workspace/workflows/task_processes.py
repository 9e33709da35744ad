"""The processes of tasks and of updates of pipelines: how they start, end and are stopped."""

import asyncio
import contextlib
import os
import signal
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from local.workspace.workflows.fork_server import ForkServer, ForkServerRefusedError, kill_group

# -P: files in the notebook's folder must not shadow modules that the runner imports.
MODULE_COMMAND = (sys.executable, "-P", "-m")
# They import pyspark before the user's code runs, so it makes no difference to the code when that happens.
FORKED_MODULES = ("local.notebook", "local.pipeline")
_GRACE_SECONDS = 5.0


class Process(Protocol):
    """A process that was started."""

    @property
    def pid(self) -> int:
        """Its id, which is also its process group."""

    @property
    def returncode(self) -> int | None:
        """Its exit code, the negative number of a signal; None while it is running."""

    async def wait(self) -> int:
        """Wait for its end and return its exit code."""


class TaskProcesses:
    """Starts the processes of one workspace.

    Notebooks and pipelines are forks of one process that has imported what they need. It starts with the
    first of them. All others, and those with import paths of their own, start as new processes.
    """

    def __init__(self) -> None:
        self._server: ForkServer | None = None
        self._state: object = None
        self._choosing = asyncio.Lock()

    async def run(
        self,
        command: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        log: Path,
        seconds: float | None = None,
        *,
        own_imports: bool = False,
    ) -> int | None:
        """Run a process and return its exit code, or None if it exceeded the time limit and was stopped.

        Cancelling the call stops the process and its child processes.

        Args:
            command: the program and its arguments.
            cwd: the working directory.
            environment: all environment variables.
            log: the file for its output.
            seconds: the time limit; None for no limit.
            own_imports: whether it imports from places that other processes do not have.
        """
        log.write_bytes(b"")
        try:
            async with asyncio.timeout(seconds):
                process = await self._start(command, cwd, environment, log, own_imports)
                try:
                    await process.wait()
                finally:
                    await _stop(process)
        except TimeoutError:
            return None
        return process.returncode or 0

    async def server(self, environment: Mapping[str, str]) -> ForkServer:
        """Return the process from which others are forked, which listens; starts it if there is none.

        Args:
            environment: all environment variables of tasks.
        """
        server = await self._fitting_server(environment)
        await server.listening()
        return server

    async def close(self) -> None:
        """End the process from which others are forked."""
        if self._server:
            await self._server.close()
            self._server = None

    async def _start(
        self, command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path, own_imports: bool
    ) -> Process:
        module = command[len(MODULE_COMMAND)] if tuple(command[:3]) == MODULE_COMMAND else ""
        if module in FORKED_MODULES and not own_imports:
            server = await self._fitting_server(environment)
            with contextlib.suppress(ForkServerRefusedError):
                return await server.fork(module, command[4:], cwd, environment, log)
        with log.open("ab") as stream:
            return await asyncio.create_subprocess_exec(
                *command,
                cwd=cwd,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stream,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )

    async def _fitting_server(self, environment: Mapping[str, str]) -> ForkServer:
        """Return a server that has what a new process would have; starts one if there is none."""
        # pip changes the folder of the packages
        state = (environment.get("PYTHONPATH"), Path(sysconfig.get_path("purelib")).stat().st_mtime_ns)
        async with self._choosing:
            if self._server is None or self._server.ended or self._state != state:
                await self.close()
                self._server, self._state = await ForkServer.start(environment), state
            return self._server


def process_environment(import_paths: Sequence[Path], variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment for another one.

    Args:
        import_paths: the places from which it imports first.
        variables: further variables; those of MLflow have a PYTHONPATH of their own, which stays behind.
    """
    inherited = {**os.environ, **variables}
    paths = [*map(str, import_paths), *filter(None, [inherited.get("PYTHONPATH")])]
    python_path = {"PYTHONPATH": os.pathsep.join(paths)} if paths else {}
    return {**inherited, "PYTHONUNBUFFERED": "1", **python_path}


async def _stop(process: Process) -> None:
    """Stop a process and its child processes: first SIGTERM, then SIGKILL."""
    try:
        if process.returncode is None:
            kill_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
    finally:
        # Also after a normal end: kills child processes that are still running.
        kill_group(process.pid, signal.SIGKILL)
    await process.wait()
