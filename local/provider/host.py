"""The gRPC server of the provider: in this process, for this user's Terraform on this machine only."""

from __future__ import annotations

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import grpc

from local.provider import SOURCE, schema
from local.provider.api import Api
from local.provider.data_sources import DATA_SOURCES
from local.provider.protocol import VERSION, handlers
from local.provider.registry import RESOURCE_TYPES
from local.provider.servicer import Servicer
from mesh.errors import OutsideError

# Terraform sends at most `-parallelism` requests at once, 10 by default.
_THREADS = 32
_STOP_SECONDS = 30
# No limit: a message may hold the source of a notebook.
_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
_SOCKET = "provider.sock"
# The limit for Unix socket paths on Linux and macOS, minus a reserve.
_SOCKET_PATH_BYTES = 100


@dataclass(frozen=True)
class ProviderServer:
    """A running provider, and the settings with which Terraform connects to it.

    Args:
        socket: the Unix socket it listens on, accessible to this user only.
        server: the gRPC server.
        api: the provider's session with the workspace.
        temporary: the temporary folder of the socket, if it is not in the given folder.
    """

    socket: Path
    server: grpc.Server
    api: Api
    temporary: TemporaryDirectory[str] | None = None

    @property
    def json(self) -> str:
        """The value of TF_REATTACH_PROVIDERS."""
        # With `Test`, Terraform does not end the process after a run.
        reattach = {
            "Protocol": "grpc",
            "ProtocolVersion": VERSION,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": str(self.socket)},
        }
        return json.dumps({SOURCE: reattach})

    def write(self, file: Path) -> None:
        """Write the JSON atomically to a file that only this user can read."""
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.{os.getpid()}.part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(self.json)
        partial.replace(file)

    def stop(self) -> None:
        """Finish the current calls, stop the server and remove the socket."""
        self.server.stop(_STOP_SECONDS).wait()
        self.api.close()
        self.socket.unlink(missing_ok=True)
        if self.temporary:
            self.temporary.cleanup()


def start(host: str, token: str, folder: Path | None = None) -> ProviderServer:
    """Serve the provider for a workspace from threads of this process.

    Args:
        host: the workspace's address; loopback.
        token: the workspace's access token.
        folder: a private folder for the socket and the cached schema, used by one provider at a time.

    Raises:
        ValueError: the address is not loopback.
        OutsideError: the bindings are not installed, or the socket cannot be opened.
    """
    # httpx logs a line per request, which would flood the workspace's log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    api = Api(host, token)
    socket, temporary = _socket_path(folder)
    servicer = Servicer(api, schema.read_schemas(RESOURCE_TYPES, DATA_SOURCES, folder))
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, "provider"), handlers=[handlers(servicer.methods())], options=_OPTIONS
    )
    try:
        # A URI: gRPC decodes %20, and ends the path at a question mark.
        server.add_insecure_port(f"unix:{quote(str(socket))}")
        server.start()
    except RuntimeError as error:
        raise OutsideError(f"the offline provider cannot listen on {socket}: {error}") from error
    socket.chmod(0o600)
    return ProviderServer(socket, server, api, temporary)


def _socket_path(folder: Path | None) -> tuple[Path, TemporaryDirectory[str] | None]:
    """Return the socket's path: in the folder, or in a temporary folder if that path is too long."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        socket = folder.resolve() / _SOCKET
        if len(os.fsencode(socket)) <= _SOCKET_PATH_BYTES:
            # A killed provider leaves its socket behind.
            socket.unlink(missing_ok=True)
            return socket, None
    temporary = TemporaryDirectory(prefix="mesh-")
    return Path(temporary.name) / _SOCKET, temporary
