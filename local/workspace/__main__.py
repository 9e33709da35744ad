"""`python -m local.workspace --root MESH --port N`: the workspace process that `mesh local up` starts."""

import argparse
import importlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from local.home import Home
from local.workspace.app import create_app
from mesh.errors import OutsideError

_log = logging.getLogger("local.workspace")


def main() -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    arguments = _parse_arguments()
    logging.basicConfig(
        force=True, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("minilake").setLevel(logging.ERROR)
    home = Home(arguments.root.resolve())
    try:
        app = create_app(home)
        listener = _listen(arguments.port)
    except (OutsideError, OSError) as error:
        _log.error("%s", error)
        return 3
    # h11: httptools drops the body of a request that offers HTTP/2, as Java's HTTP client does.
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            access_log=False,
            log_config=None,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=5,
        )
    )
    # uvicorn shuts down and then raises the signal again; the default handler would end the process early.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    with _offline_provider(home, f"http://127.0.0.1:{listener.getsockname()[1]}"):
        server.run(sockets=[listener])
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.workspace", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the mesh's root folder")
    parser.add_argument("--port", type=int, required=True, help="the port to listen on, on 127.0.0.1 only")
    return parser.parse_args()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


@contextmanager
def _offline_provider(home: Home, url: str) -> Iterator[None]:
    """Serve the offline Terraform provider within the context and write how Terraform connects to it."""
    # gRPC's fork handlers are not needed: child processes exec at once.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    try:
        host = importlib.import_module("local.provider.host")
    except ModuleNotFoundError as error:
        _log.warning("the offline Terraform provider is not installed: %s", error)
        yield
        return
    finally:
        del os.environ["GRPC_ENABLE_FORK_SUPPORT"]
    server = host.start(url, home.token(), home.path / "cache")
    try:
        server.write(home.reattach)
        yield
    finally:
        home.reattach.unlink(missing_ok=True)
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
