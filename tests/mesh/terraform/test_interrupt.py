"""A signal reaches Terraform, which finishes; the exit code tells the caller."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from mesh.errors import OutsideError
from mesh.terraform import interrupt
from mesh.terraform.interrupt import Completed, StoppedError

# interrupts its parent, as Ctrl-C does, and finishes when it receives the signal itself
PROGRAM = """
import os, signal, sys
signal.signal(signal.SIGINT, lambda *_: sys.exit(3))
os.kill(os.getppid(), signal.SIGINT)
signal.pause()
"""


def test_a_command_that_ends_is_not_interrupted(tmp_path: Path) -> None:
    done = interrupt.run([sys.executable, "-c", "print('out'); exit(7)"], os.environ, tmp_path)

    assert done == Completed(7, "out\n", "")


def test_each_line_is_passed_on_while_the_command_runs(tmp_path: Path) -> None:
    lines: list[str] = []

    interrupt.run([sys.executable, "-c", "print('a'); print('b')"], os.environ, tmp_path, lines.append)

    assert lines == ["a\n", "b\n"]


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="no-such-program cannot be started"):
        interrupt.run(["no-such-program"], os.environ, tmp_path)


def test_after_a_signal_no_further_command_starts(tmp_path: Path) -> None:
    with interrupt.shield():
        first = interrupt.run([sys.executable, "-c", PROGRAM], os.environ, tmp_path)
        with pytest.raises(StoppedError):
            interrupt.run([sys.executable, "-c", ""], os.environ, tmp_path)
        with pytest.raises(StoppedError):
            interrupt.pause(60)
        assert interrupt.interrupted()

    assert first.interrupted
    assert not interrupt.interrupted()


@pytest.mark.parametrize("name", ["terraform", "tofu", "terraform-1.15"])
def test_the_program_receives_the_first_signal_and_finishes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    program = tmp_path / name
    program.write_text(PROGRAM)
    environ = {**os.environ, "TERRAFORM_BINARY_NAME": f"/opt/{name}"}

    done = interrupt.run([sys.executable, str(program)], environ, tmp_path)

    assert (done.code, done.interrupted) == (3, True)
    assert "stopping after Terraform has finished its current operations" in capfd.readouterr().err


def test_a_program_that_a_script_starts_receives_it_too(tmp_path: Path) -> None:
    """The script waits for the program, and returns its exit code."""
    (tmp_path / "program.py").write_text(PROGRAM.replace("os.getppid()", "int(sys.argv[1])"))
    script = tmp_path / "wrapper"
    script.write_text(f"trap : INT\n{sys.executable} program.py {os.getpid()}\n")
    environ = {**os.environ, "TERRAFORM_BINARY_NAME": str(script)}

    done = interrupt.run(["sh", str(script)], environ, tmp_path)

    assert (done.code, done.interrupted) == (3, True)


def test_a_process_of_another_name_is_ended_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(PROGRAM)
    environ = {**os.environ, "TERRAFORM_BINARY_NAME": "terraform"}

    done = interrupt.run([sys.executable, "other.py"], environ, tmp_path)

    assert (done.code, done.interrupted) == (-signal.SIGTERM, True)


def test_the_handlers_of_signals_are_restored(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)

    interrupt.run([sys.executable, "-c", ""], os.environ, tmp_path)

    assert signal.getsignal(signal.SIGTERM) is before


def test_an_ignored_signal_stays_ignored() -> None:
    """`nohup mesh deploy &` goes on when its terminal is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupt.shield():
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupt.interrupted()
    finally:
        signal.signal(signal.SIGHUP, before)
