"""A signal reaches Terraform, which finishes; the exit code tells the caller."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from mesh.terraform import interrupt

# interrupts its parent, as Ctrl-C does, and finishes when it receives the signal itself
PROGRAM = """
import os, signal, sys
signal.signal(signal.SIGINT, lambda *_: sys.exit(3))
os.kill(os.getppid(), signal.SIGINT)
signal.pause()
"""


def test_a_command_that_ends_is_not_interrupted(tmp_path: Path) -> None:
    assert interrupt.run([sys.executable, "-c", "exit(7)"], os.environ, tmp_path) == (7, False)


def test_terraform_receives_the_first_signal_and_finishes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "terraform"
    program.write_text(PROGRAM)

    assert interrupt.run([sys.executable, str(program)], os.environ, tmp_path) == (3, True)
    assert "stopping after Terraform has finished its current operations" in capfd.readouterr().err


def test_the_handlers_of_signals_are_restored(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)

    interrupt.run([sys.executable, "-c", ""], os.environ, tmp_path)

    assert signal.getsignal(signal.SIGTERM) is before
