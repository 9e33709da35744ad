"""Sessions on the Spark Connect server, without a server."""

import socket
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from local.spark import client
from mesh.errors import OutsideError


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_grpc_server_is_recognized() -> None:
    with ThreadPoolExecutor(1) as threads:
        server = grpc.server(threads)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            assert client.is_listening(port, 5)
        finally:
            server.stop(None).wait()


def test_a_port_without_a_server_is_not_listening() -> None:
    assert not client.is_listening(free_port(), 0.2)


def test_without_a_server_the_error_names_the_port_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
    port = free_port()
    with pytest.raises(
        OutsideError, match=rf"Spark does not answer on port {port} \(check `mesh local status`\)"
    ):
        client.connect(f"sc://127.0.0.1:{port}/;token=t")
