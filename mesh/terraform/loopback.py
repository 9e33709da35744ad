"""The way to this machine, which leads through no proxy."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

LOOPBACK = ("127.0.0.1", "localhost")
_EVERY_HOST = "*"


def reach_directly(environ: MutableMapping[str, str] = os.environ) -> None:
    """Adds this machine to `NO_PROXY`, for this process and those that it starts, if there are proxies.

    Requests to the local workspace have its token, which no proxy may see, and a proxy on another machine
    would not find the workspace. urllib, requests, httpx and gRPC read these variables; Go leaves out the
    loopback by itself.

    Args:
        environ: the environment variables, which are changed.
    """
    if not any(name.lower().endswith("_proxy") and name.lower() != "no_proxy" for name in environ):
        return
    hosts = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if hosts.strip() == _EVERY_HOST:
        return
    listed = [host for host in (one.strip() for one in hosts.split(",")) if host]
    # some programs read one of them only
    environ["no_proxy"] = environ["NO_PROXY"] = ",".join(dict.fromkeys([*listed, *LOOPBACK]))
