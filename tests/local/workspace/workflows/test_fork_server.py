"""The workspace's side of a fork server."""

import asyncio
import os
from pathlib import Path

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
