"""Processes of local workspaces that need not import: each is forked from one process that has imported everything.

To import what a workspace needs takes two seconds of processor time, and dozens of tests need a workspace of their own.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, BinaryIO

from local.home import Home


@dataclass(frozen=True)
class Forked:
    """A forked process.

    Args:
        process: for this process; it is a child of the process that has imported everything.
    """

    process: ForkServerProcess
    remote: str = "sc://nowhere"

    @property
    def pid(self) -> int:
        """Its id."""
        return self.process.pid or 0

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self.process.exitcode


def start(home: Home, port: int, environ: Mapping[str, str], log: BinaryIO) -> Forked:
    """The process of a workspace."""
    return _forked(_serve, str(home.root), port, dict(environ), log.name)


def no_spark(home: Home, url: str, token: str) -> Forked:
    """A process that does nothing, instead of Spark."""
    return _forked(signal.pause)


@cache
def _importer() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["local.workspace.__main__"])
    return context


def _forked(run: Callable[..., Any], *arguments: object) -> Forked:
    process = _importer().Process(target=run, args=arguments)
    process.start()
    return Forked(process)


def _serve(root: str, port: int, environ: Mapping[str, str], log: str) -> None:
    """Becomes what `python -m local.workspace` would be."""
    from local.workspace.__main__ import main

    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(root)
    sys.argv = ["local.workspace", "--root", root, "--port", str(port)]
    sys.exit(main())
