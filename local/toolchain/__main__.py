"""`python -m local.toolchain install | check`: what `make install` runs, with the machine's Python.

`install --for running` (`make demo`) and `--for deploying` (`make deployer`) install a subset.
`make lint` and `make test` first install the Python packages (`--for checking`), then the rest
(`--for testing`) beside checks.
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
    """Run the command and return its exit code: 0 success, 2 wrong usage, 3 a program is missing."""
    parser = argparse.ArgumentParser(prog="python -m local.toolchain", description=__doc__)
    parser.add_argument(
        "command",
        choices=["install", "check"],
        help="install: install what is missing in .venv, node_modules and .mesh/jars; "
        "check: show what is installed",
    )
    parser.add_argument(
        "--for",
        dest="purpose",
        choices=["everything", "testing", "running", "deploying", "checking"],
        default="everything",
        help="testing: with the linter of workflows and ecj; running: without cdktf's program; deploying: "
        "also without Spark, Java and test packages; checking: only the Python packages",
    )
    arguments = parser.parse_args()
    command = arguments.command
    if sys.version_info < PYTHON_AT_LEAST:
        return _run_with_newer_python()
    # Imported here, because these modules need the Python version that is checked above.
    from local.toolchain.install import Installer
    from local.toolchain.steps import InstallError

    # In an activated environment, sys.executable is its Python; the base Python creates environments.
    python = Path(getattr(sys, "_base_executable", sys.executable))
    root = Path(__file__).resolve().parents[2]
    installer = Installer(root, dict(os.environ), python, arguments.purpose)
    # SIGTERM is handled like Ctrl-C, so that the current command is ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    try:
        if command == "check":
            return installer.check(sys.stdout)
        count = installer.install(sys.stdout)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\ninterrupted: `make install` continues from here", file=sys.stderr)
        return 130
    seconds = time.monotonic() - started
    print(f"installed in {seconds:.1f} s" if count else "everything is installed")
    return 0


def _run_with_newer_python() -> int:
    for name in NEWER_PYTHONS:
        python = shutil.which(name)
        if python:
            os.execv(python, [python, "-m", "local.toolchain", *sys.argv[1:]])  # noqa: S606 - no shell wanted
    print(
        f"Python 3.11 or newer is required, but {sys.executable} is {sys.version.split()[0]}.",
        file=sys.stderr,
    )
    print("Install it, or name it: make install PYTHON=/path/to/python3.12", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
