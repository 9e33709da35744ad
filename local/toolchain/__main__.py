"""`python -m local.toolchain install | check`: what `make install` runs, on the machine's own Python.

`install --for deploying` (`make deployer`) and `--for linting` (`make lint`) install what only these need.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

PYTHON_AT_LEAST = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> int:
    """Run the command and return its exit code: 0 fine, 2 wrong usage, 3 this machine lacks something."""
    parser = argparse.ArgumentParser(prog="python -m local.toolchain", description=__doc__)
    parser.add_argument(
        "command",
        choices=["install", "check"],
        help="install what is missing in .venv, node_modules and .mesh/jars; or check: say what is there",
    )
    parser.add_argument(
        "--for",
        dest="purpose",
        choices=["everything", "deploying", "linting"],
        default="everything",
        help="deploying: without Spark, Java and what tests need; linting: what checks workflows",
    )
    arguments = parser.parse_args()
    command = arguments.command
    if sys.version_info < PYTHON_AT_LEAST:
        return _with_a_newer_python()
    # Imported late: these need a Python that the check above has made sure of.
    from local.toolchain.install import Installer
    from local.toolchain.steps import InstallError

    # In an activated environment this Python is that environment's: a new one is made with what it came from.
    python = Path(getattr(sys, "_base_executable", sys.executable))
    root = Path(__file__).resolve().parents[2]
    installer = Installer(root, dict(os.environ), python, arguments.purpose)
    # SIGTERM as Ctrl-C: the step's command is ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    try:
        if command == "check":
            return installer.check(sys.stdout)
        ran = installer.install(sys.stdout)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\ninterrupted: `make install` goes on from here", file=sys.stderr)
        return 130
    seconds = time.monotonic() - started
    print(f"installed in {seconds:.1f} s" if ran else "everything is installed")
    return 0


def _with_a_newer_python() -> int:
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, "-m", "local.toolchain", *sys.argv[1:]])  # noqa: S606 - no shell wanted
    print(
        f"Python 3.11 or newer is needed, and {sys.executable} is {sys.version.split()[0]}.", file=sys.stderr
    )
    print("Install one, or name it: make install PYTHON=/path/to/python3.12", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
