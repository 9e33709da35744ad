"""Errors become exit codes, once, and terminals are not controlled by texts."""

import errno
import io
import json

import pytest

from mesh.console import confirm, findings_json, report_errors, require_terminal, visible
from mesh.errors import MeshError, OutsideError, UsageError
from mesh.finding import Finding

FINDING = Finding("a.yml", 1, 2, "bad-name", "wrong \x1b[31m")


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        (MeshError([FINDING]), 1, "a.yml:1:2: wrong \\x1b[31m\n1 error, nothing written\n"),
        (UsageError("no such env"), 2, "Error: no such env\n"),
        (OutsideError("git failed"), 3, "Error: git failed\n"),
        (
            OSError(errno.EROFS, "Read-only file system", ".mesh/local/state"),
            3,
            "Error: .mesh/local/state: Read-only file system "
            "(correct the rights of the file or folder, or free some space; then run it again)\n",
        ),
    ],
)
def test_each_kind_of_error_has_an_exit_code(
    error: Exception, code: int, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_, report_errors():
        raise error

    assert exit_.value.code == code
    assert capsys.readouterr() == ("", printed)


def test_other_failures_of_the_system_are_no_answers() -> None:
    with pytest.raises(IsADirectoryError), report_errors():
        raise IsADirectoryError(errno.EISDIR, "Is a directory", "orgs")


def test_findings_are_json_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), report_errors(as_json=True):
        raise MeshError([FINDING])

    assert json.loads(capsys.readouterr().out) == [
        {"file": "a.yml", "line": 1, "column": 2, "code": "bad-name", "message": "wrong \x1b[31m"}
    ]
    assert findings_json([]) == "[]"


@pytest.mark.parametrize(
    ("text", "shown"), [("a\nb", "a\\nb"), ("\u202e", "\\u202e"), ("plain ø", "plain ø")]
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(("answer", "expected"), [("y", True), ("YES ", True), ("", False), ("no", False)])
def test_only_yes_confirms(answer: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))

    assert confirm("Deploy?") is expected


def test_without_a_terminal_a_confirmation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(UsageError, match="no terminal to confirm on: run `mesh diff` first"):
        require_terminal(auto_approve=False)
    require_terminal(auto_approve=True)
