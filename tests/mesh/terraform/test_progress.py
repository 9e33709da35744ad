"""What people and machines read while stacks are planned and applied."""

from __future__ import annotations

import io
import json
import os
import pty
import sys
from pathlib import Path

import pytest

from mesh.errors import MeshError, OutsideError, UsageError
from mesh.finding import Finding
from mesh.terraform.progress import (
    JsonEvents,
    Lines,
    LiveTable,
    StackEvent,
    choose_progress,
    publish_errors,
    short_names,
)

STACKS = ("acme-transport-taxinyc-dev", "acme-finance-costs-dev")


def events(verbose: bool = False) -> None:
    """What an apply of two stacks reports."""
    one, other = STACKS
    progress = Lines(verbose=verbose)
    progress.begin("apply", STACKS)
    progress.report(StackEvent("apply", one, "started"))
    progress.report(StackEvent("apply", one, "waiting", "locked by kari@laptop for 2 minutes (apply)"))
    progress.report(
        StackEvent("apply", one, "running", "databricks_job.a: Creating...", "databricks_job.a", "start")
    )
    progress.report(StackEvent("apply", one, "done", "1 added", seconds=2.26))
    progress.report(StackEvent("apply", other, "failed", "Error: no quota\nat all", seconds=1.0))
    progress.end()


def test_a_line_is_printed_for_each_stack_that_ends_or_waits(capsys: pytest.CaptureFixture[str]) -> None:
    events()

    assert capsys.readouterr().out.splitlines() == [
        "Applying 2 stacks",
        "  waiting   acme-transport-taxinyc-dev: its state is locked by kari@laptop for 2 minutes (apply)",
        "  applied   acme-transport-taxinyc-dev: 1 added  2.3 s",
        "  failed    acme-finance-costs-dev  1.0 s",
    ]


def test_verbose_prints_terraforms_lines_after_a_short_name(capsys: pytest.CaptureFixture[str]) -> None:
    events(verbose=True)

    assert "transport-taxinyc | databricks_job.a: Creating..." in capsys.readouterr().out.splitlines()


def test_short_names_leave_out_what_all_stacks_share() -> None:
    assert short_names(STACKS) == {STACKS[0]: "transport-taxinyc", STACKS[1]: "finance-costs"}
    assert short_names(["acme-foundation-dev"]) == {"acme-foundation-dev": "acme-foundation-dev"}


def test_events_of_several_stacks_are_written_line_by_line() -> None:
    """Another thread may write between two pieces of a line."""

    class Pieces(io.StringIO):
        def write(self, text: str) -> int:
            written.extend([text] if text else [])
            return len(text)

    written: list[str] = []
    progress = JsonEvents(Pieces())
    progress.report(StackEvent("apply", STACKS[0], "started"))
    progress.report(StackEvent("apply", STACKS[1], "started"))
    assert [json.loads(piece)["stack"] for piece in written] == [*STACKS[:2]]
    assert all(piece.endswith("\n") for piece in written)


def test_events_are_one_json_object_a_line() -> None:
    stream = io.StringIO()
    progress = JsonEvents(stream)

    progress.begin("plan", STACKS[:1])
    progress.report(StackEvent("plan", STACKS[0], "done", "no changes", seconds=0.5, total=1))
    progress.publish({"event": "result", "deployed": []})

    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {"event": "begin", "verb": "plan", "stacks": [STACKS[0]]},
        {
            "event": "stack",
            "verb": "plan",
            "stack": STACKS[0],
            "status": "done",
            "text": "no changes",
            "seconds": 0.5,
            "total": 1,
        },
        {"event": "result", "deployed": []},
    ]


def test_a_closed_stream_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()

    JsonEvents(stream).report(StackEvent("plan", STACKS[0], "started"))


def test_a_closed_pipe_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    closed = os.fdopen(write, "w")
    monkeypatch.setattr(sys, "stdout", closed)
    progress = Lines()

    progress.begin("plan", STACKS)
    progress.report(StackEvent("plan", STACKS[0], "done"))

    assert progress.closed
    with pytest.raises(BrokenPipeError):
        closed.close()


def test_a_file_gets_lines() -> None:
    assert isinstance(choose_progress(), Lines)


@pytest.mark.parametrize(
    ("variables", "live"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False)],
)
def test_a_terminal_gets_a_table_unless_it_wants_plain_text(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], live: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    main, other = pty.openpty()
    with os.fdopen(other, "w") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", terminal)
        progress = choose_progress()
    os.close(main)

    assert isinstance(progress, LiveTable) is live


def test_a_table_shows_what_a_stack_does_and_how_many_are_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rich.console import Console

    progress = LiveTable()
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        progress.begin("apply", STACKS)
        progress.report(StackEvent("apply", STACKS[0], "started"))
        progress.report(StackEvent("apply", STACKS[0], "running", "…", "databricks_job.a", "start"))
        progress.report(StackEvent("apply", STACKS[1], "done", "1 added"))
        console = Console(width=80, file=io.StringIO(), record=True)
        console.print(progress._table())
        progress.end()

    shown = console.export_text()
    assert f"{STACKS[0]}  databricks_job.a" in shown
    assert "applying: 1 of 2 done" in shown


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OutsideError("no quota"), {"text": "no quota"}),
        (UsageError("no stack `x`"), {"text": "no stack `x`"}),
        (OutsideError("dapi" + "0" * 32), {"text": "(looks like a secret)"}),
        (KeyboardInterrupt(), {"text": "interrupted by the user"}),
        (
            MeshError([Finding("a.yml", 1, 2, "unknown-field", "no")]),
            {
                "text": "the mesh has errors",
                "findings": [
                    {"file": "a.yml", "line": 1, "column": 2, "code": "unknown-field", "message": "no"}
                ],
            },
        ),
    ],
)
def test_the_error_that_ends_a_command_is_an_event(error: BaseException, expected: object) -> None:
    stream = io.StringIO()

    with pytest.raises(type(error)), publish_errors(JsonEvents(stream)):
        raise error

    assert json.loads(stream.getvalue()) == {"event": "error", **expected}  # type: ignore[dict-item]
