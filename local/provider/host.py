"""The provider as a service: in this process, for Terraform on this machine and this user only."""

from __future__ import annotations

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc

from local.provider import SOURCE, schema
from local.provider.api import Api
from local.provider.data_sources import DATA_SOURCES
from local.provider.protocol import VERSION, handlers
from local.provider.resources import RESOURCES
from local.provider.servicer import Servicer
from mesh.errors import OutsideError

# Terraform asks for at most as many things at once as its -parallelism says: 10, unless somebody says more.
_THREADS = 32
_STOP_SECONDS = 30
# A message may hold a whole notebook; both ends are on this machine.
_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
_SOCKET = "provider.sock"
# What a socket's address holds on Linux and macOS, less a reserve.
_SOCKET_PATH_BYTES = 100


@dataclass(frozen=True)
class Reattach:
    """A running provider and how Terraform finds it.

    Args:
        socket: the Unix socket it listens on, which only this user can open.
        server: the gRPC server.
        api: its session with the workspace.
        temporary: the folder of the socket, where it has one of its own.
    """

    socket: Path
    server: grpc.Server
    api: Api
    temporary: TemporaryDirectory[str] | None = None

    @property
    def json(self) -> str:
        """The value of TF_REATTACH_PROVIDERS."""
        # `Test` says that Terraform must not end the process when it is done.
        one = {
            "Protocol": "grpc",
            "ProtocolVersion": VERSION,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": str(self.socket)},
        }
        return json.dumps({SOURCE: one})

    def write(self, file: Path) -> None:
        """Write the JSON to a file that only this user can read; whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.{os.getpid()}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(self.json)
        part.replace(file)

    def stop(self) -> None:
        """Take no more calls, let those under way finish, leave nothing behind."""
        self.server.stop(_STOP_SECONDS).wait()
        self.api.close()
        self.socket.unlink(missing_ok=True)
        if self.temporary:
            self.temporary.cleanup()


def start(host: str, token: str, folder: Path | None = None) -> Reattach:
    """Serve the provider for a workspace from a thread of this process.

    Args:
        host: the workspace's address; loopback.
        token: the workspace's token.
        folder: a private folder for the socket and for the schema read from the bindings; of one
            provider at a time.

    Raises:
        ValueError: the address is another machine's.
        OutsideError: the bindings or the socket cannot be had.
    """
    # One line for each request would drown the workspace's log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    api = Api(host, token)
    socket, temporary = _place(folder)
    servicer = Servicer(api, schema.read(RESOURCES, DATA_SOURCES, folder))
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, "provider"), handlers=[handlers(servicer.methods())], options=_OPTIONS
    )
    try:
        server.add_insecure_port(f"unix:{socket}")
        server.start()
    except RuntimeError as error:
        raise OutsideError(f"the offline provider cannot listen on {socket}: {error}") from error
    socket.chmod(0o600)
    return Reattach(socket, server, api, temporary)


def _place(folder: Path | None) -> tuple[Path, TemporaryDirectory[str] | None]:
    """Where to listen: in the folder, or in one of its own where the path would be too long for a socket."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        socket = folder.resolve() / _SOCKET
        if len(os.fsencode(socket)) <= _SOCKET_PATH_BYTES:
            # A provider that was killed leaves its socket.
            socket.unlink(missing_ok=True)
            return socket, None
    temporary = TemporaryDirectory(prefix="mesh-")
    return Path(temporary.name) / _SOCKET, temporary
