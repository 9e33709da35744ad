"""The program `mesh` ends in order when a signal ends it, also while it is loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from mesh.cli import app
from mesh.cli.main import main


def ended(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> tuple[object, list[str]]:
    """The exit code of a command, and what it has removed at its end."""
    removed = []

    def run(arguments: object) -> None:
        try:
            work()
        finally:
            removed.append("plans")

    monkeypatch.setattr(app, "run", run)
    with pytest.raises(SystemExit) as error:
        main([])
    return error.value.code, removed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_the_question_removes_the_plans(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = signal.signal(number, signal.SIG_DFL)
    try:
        assert ended(monkeypatch, lambda: os.kill(os.getpid(), number)) == (128 + number, ["plans"])
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_an_ignored_signal_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """`nohup` has the command ignore SIGHUP."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:

        def work() -> None:
            os.kill(os.getpid(), signal.SIGHUP)
            raise SystemExit(0)

        assert ended(monkeypatch, work)[0] == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_prints_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> None:
        raise KeyboardInterrupt

    assert ended(monkeypatch, work)[0] == 128 + signal.SIGINT


def test_the_commands_are_loaded_where_an_interruption_is_expected() -> None:
    script = "import sys; import mesh.cli.main; print([one for one in ('typer', 'mesh.cli.app') if one in sys.modules])"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
