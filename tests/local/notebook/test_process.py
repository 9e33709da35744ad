"""The process of a runner: specification in, result file out."""

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.notebook import secrets
from local.notebook.process import CancelledError, Result, main
from mesh.errors import OutsideError


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Restores the handler and the streams that `main` replaces."""
    handler, streams = signal.getsignal(signal.SIGTERM), (sys.stdout, sys.stderr)
    yield
    sys.stdout, sys.stderr = streams
    signal.signal(signal.SIGTERM, handler)


def run(folder: Path, result: Result) -> tuple[int, dict[str, Any]]:
    """The exit code and the result file of a run with this outcome."""
    spec, file = folder / "spec.json", folder / "result.json"
    spec.write_text(json.dumps({"result": str(file)}))
    code = main(lambda spec: result, [str(spec)])
    return code, json.loads(file.read_text())


def test_a_success_has_exit_code_0(tmp_path: Path) -> None:
    code, written = run(tmp_path, Result(tables=[{"name": "c.s.t", "rows": 2}]))

    assert code == 0
    assert written == {"error": None, "error_trace": None, "tables": [{"name": "c.s.t", "rows": 2}]}


def test_a_failure_has_exit_code_1_and_its_trace_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, written = run(tmp_path, Result(error="ValueError: bad", error_trace="Traceback: bad"))

    assert code == 1
    assert written["error"] == "ValueError: bad"
    assert capsys.readouterr().err == "Traceback: bad\n"


def test_values_of_secrets_appear_neither_in_the_result_nor_in_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "VALUES", {"s3cret"})
    _, written = run(tmp_path, Result(error="ValueError: s3cret", error_trace="Traceback: s3cret"))

    assert (written["error"], written["error_trace"]) == ("ValueError: [REDACTED]", "Traceback: [REDACTED]")
    assert capsys.readouterr().err == "Traceback: [REDACTED]\n"


def test_only_the_owner_may_read_the_result(tmp_path: Path) -> None:
    run(tmp_path, Result())

    assert (tmp_path / "result.json").stat().st_mode & 0o077 == 0


def test_sigterm_cancels_a_run(tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text("{}")

    def wait(spec: dict[str, Any]) -> Result:
        signal.raise_signal(signal.SIGTERM)
        return Result()

    with pytest.raises(CancelledError, match="cancelled by signal 15"):
        main(wait, [str(spec)])


def test_an_error_of_the_machine_has_no_traceback() -> None:
    result = Result()
    result.fail(OutsideError("Spark is not up"))

    assert (result.error, result.error_trace) == ("Spark is not up", "Spark is not up")
