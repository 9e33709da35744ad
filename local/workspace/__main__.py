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
    """Serve until told to stop; return the exit code."""
    asked = _arguments()
    logging.basicConfig(
        force=True, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("minilake").setLevel(logging.ERROR)
    home = Home(asked.root.resolve())
    try:
        app = create_app(home)
        listener = _listen(asked.port)
    except (OutsideError, OSError) as error:
        _log.error("%s", error)
        return 3
    # h11, because httptools drops the body of a request that offers HTTP/2, as Java's client does.
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
    # uvicorn stops in good order and then passes the signal on; by default that would end us here.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    with _provider(home, f"http://127.0.0.1:{listener.getsockname()[1]}"):
        server.run(sockets=[listener])
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.workspace", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the mesh's root folder")
    parser.add_argument("--port", type=int, required=True, help="the port to listen on, at 127.0.0.1 only")
    return parser.parse_args()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


@contextmanager
def _provider(home: Home, url: str) -> Iterator[None]:
    """Serve the offline Terraform provider meanwhile, and say how Terraform reaches it."""
    # gRPC's fork handlers would be of no use here: what is started execs at once.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    try:
        host = importlib.import_module("local.provider.host")
    except ModuleNotFoundError as error:
        _log.warning("the offline Terraform provider is not there: %s", error)
        yield
        return
    finally:
        del os.environ["GRPC_ENABLE_FORK_SUPPORT"]
    served = host.start(url, home.token(), home.path / "cache")
    try:
        served.write(home.reattach)
        yield
    finally:
        home.reattach.unlink(missing_ok=True)
        served.stop()


if __name__ == "__main__":
    sys.exit(main())
