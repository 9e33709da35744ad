"""The command `mesh` for shells, in forks of one process that has imported what commands import.

A command is a process of its own, with the terminal, folder and variables of the shell, but does not import.
`python -m tests.support.forked_mesh --serve SOCKET` is the process; without the option, it is the command.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from local.notebook import fork_server
from mesh.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
MODULE = "tests.support.forked_mesh"
SERVE = "--serve"
# What the commands of the course import when they run. Not the stacks: they start Node, which forks cannot share.
IMPORTED = (
    "databricks.sdk",
    "local.run_flow",
    "local.sql",
    "local.supervisor",
    "mesh.cli.app",
    "mesh.commands.apply",
    "mesh.commands.deploy",
    "mesh.commands.local_run.flow_run",
    "mesh.commands.plan",
    "mesh.commands.review",
    "mesh.commands.validate",
    "mesh.workshop.course.progress",
    "mesh.workshop.data.load",
    "mesh.workshop.deploy",
)
# The side of the shell: it starts for each command, so it imports next to nothing.
CALLER = """
import json, os, socket, sys
path, module, *arguments = sys.argv[1:]
request = {"module": module, "arguments": arguments, "cwd": os.getcwd(), "environment": dict(os.environ)}
content = json.dumps(request).encode() + b"\\n"
server = socket.socket(socket.AF_UNIX)
server.connect(path)
server.sendall(content[socket.send_fds(server, [content], [0, 1, 2]):])
answers = server.makefile("rb")
answers.readline()
code = json.loads(answers.readline())["code"]
sys.exit(code if code >= 0 else 128 - code)
"""


@contextmanager
def serving(environ: Mapping[str, str]) -> Iterator[str]:
    """Starts the process; the value is the command line of `mesh`, for a shell.

    Args:
        environ: the environment variables with which Python starts.
    """
    with tempfile.TemporaryDirectory(prefix="mesh-") as folder:
        socket = Path(folder) / "forks"
        command = [sys.executable, "-P", "-m", MODULE, SERVE, str(socket)]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, cwd=ROOT, env=environ, stdin=pipe, stdout=subprocess.DEVNULL
        ) as process:
            while not socket.exists():
                with suppress(subprocess.TimeoutExpired):
                    pytest.fail(f"it has ended with exit code {process.wait(0.1)}")
            yield shlex.join([sys.executable, "-I", "-S", "-c", CALLER, str(socket), MODULE])
            assert process.stdin
            process.stdin.close()


if __name__ == "__main__":
    if sys.argv[1:2] == [SERVE]:
        del sys.argv[1]
        fork_server.IMPORTED += IMPORTED
        sys.exit(fork_server.main())
    main(sys.argv[1:])
