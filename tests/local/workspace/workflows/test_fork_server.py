"""The workspace's side of a fork server."""

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path

import psutil
import pytest

from local.workspace.workflows import fork_server
from local.workspace.workflows.fork_server import ForkServer, ForkServerRefusedError


def test_a_process_that_the_machine_refuses_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = """read line; echo '{"id": 1, "refused": 1}'; read line"""
    monkeypatch.setattr(fork_server, "_COMMAND", ("sh", "-c", refusing))

    async def scenario() -> bool:
        server = await ForkServer.start(dict(os.environ))
        with pytest.raises(ForkServerRefusedError):
            await server.fork("module", [], tmp_path, {}, tmp_path / "log")
        running = not server.ended
        await server.close()
        return running and server.ended

    assert asyncio.run(scenario())


def test_a_server_that_ends_starts_no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fork_server, "_COMMAND", ("sh", "-c", "read line"))

    async def scenario() -> None:
        server = await ForkServer.start(dict(os.environ))
        for _ in range(2):
            with pytest.raises(ForkServerRefusedError):
                await server.fork("module", [], tmp_path, {}, tmp_path / "log")

    asyncio.run(scenario())


def test_a_folder_with_a_long_path_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The path of a socket has a limit, which that of a folder for temporary files may exceed."""
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))

    monkeypatch.setattr(fork_server, "_COMMAND", ("sh", "-c", "read line"))

    async def scenario() -> Path:
        server = await ForkServer.start(dict(os.environ))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{server.socket}-")
        await server.close()
        return server.socket

    assert not asyncio.run(scenario()).parent.exists()


def test_nobody_waits_for_a_socket_that_was_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who asks for it cannot connect, and starts a new process."""
    monkeypatch.setattr(fork_server, "_COMMAND", ("sh", "-c", 'touch "$0"; read line'))

    async def scenario() -> None:
        server = await ForkServer.start(dict(os.environ))
        await server.listening()
        shutil.rmtree(server.socket.parent)
        await asyncio.wait_for(server.listening(), 1)
        await server.close()

    asyncio.run(scenario())


def test_a_process_that_is_cancelled_while_the_server_ends_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The server imports for seconds, and reads requests and the end of them afterwards."""
    slow = """set -m; read request; read end; sleep 30 >/dev/null & echo '{"id": 1, "pid": '$!'}'; wait $!
              echo '{"id": 1, "code": -9}'"""
    monkeypatch.setattr(fork_server, "_COMMAND", ("bash", "-c", slow))

    async def scenario() -> list[psutil.Process]:
        server = await ForkServer.start(dict(os.environ))
        started = [psutil.Process(server._process.pid)]
        starting = asyncio.create_task(server.fork("module", [], tmp_path, {}, tmp_path / "log"))
        await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait([starting])
        await server.close()
        return started

    # the server ends after its process
    _, alive = psutil.wait_procs(asyncio.run(scenario()), timeout=5)
    for each in alive:
        os.killpg(each.pid, signal.SIGKILL)
    assert alive == []
