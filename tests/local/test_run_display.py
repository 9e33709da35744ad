"""How a run is shown: what tasks print, folded, streamed and whole."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from local.run_display import Display
from local.run_view import RunView, TaskLine


def shown(
    results: list[str],
    lines: list[str],
    *,
    output: bool = False,
    terminal: bool = False,
    tables: list[dict[str, Any]] | None = None,
    trace: str = "Traceback\nValueError: no",
) -> str:
    """What is shown of a run of one task with these results in order, which prints a line at each."""
    task: dict[str, Any] = {"task_key": "a", "run_id": 8, "attempt_number": 0, "start_time": 1_000}
    view = RunView("the run", {"run_id": 7, "tasks": [task]}, [TaskLine("a", task)])
    view.outputs[8] = {"error": "ValueError: no", "error_trace": trace}
    view.outputs[8]["tables"] = tables or []

    def updates() -> Iterator[None]:
        for number, result in enumerate(results):
            ended = result in ("SUCCESS", "FAILED")
            state = (
                {"life_cycle_state": "TERMINATED", "result_state": result}
                if ended
                else {"life_cycle_state": result}
            )
            task.update(state=state, **({"end_time": 3_000} if ended else {}))
            view.run["state"] = state
            view.text(task).lines += [lines[number]] if number < len(lines) else []
            yield

    text = io.StringIO()
    console = Console(file=text, width=100, color_system=None, force_terminal=terminal)
    Display(console, output, clock=lambda: 3.0).show(updates(), view)
    return text.getvalue()


def test_what_a_successful_task_prints_is_folded():
    text = shown(["RUNNING", "SUCCESS"], ["one", "two"])

    assert "      2 lines of output  --output shows them\n" in text
    assert "one" not in text


def test_a_task_that_prints_nothing_has_no_line_about_output():
    assert "of output" not in shown(["RUNNING", "SUCCESS"], [])


def test_with_output_each_line_is_shown_once_after_its_task():
    text = shown(["RUNNING", "RUNNING", "SUCCESS"], ["one", "two", "three"], output=True)

    assert [line for line in text.splitlines() if "|" in line] == ["a | one", "a | two", "a | three"]
    assert "lines of output" not in text


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_failed_task_shows_all_lines_and_its_traceback_once(end: str):
    """Spark's errors end with empty lines."""
    lines = ["one", "Traceback", "ValueError: no", ""]
    text = shown([*["RUNNING"] * 3, "FAILED"], lines, trace=f"Traceback\nValueError: no{end}")

    assert text.endswith("\na: ValueError: no\none\nTraceback\nValueError: no\nrun 7 failed after 0.0 s\n")


@pytest.mark.parametrize("output", [False, True])
def test_a_terminal_shows_the_lines_of_a_running_task(output: bool):
    text = shown(["RUNNING", "SUCCESS"], ["one"], output=output, terminal=True)

    assert ("a | one" in text) == output
    assert "✔" in text


def test_rows_that_violate_expectations_are_below_their_table():
    names = ("name", "dataset", "action", "failed_records")
    found = [("paid", "t", "drop", 1), ("short", "t", "allow", 0), ("has a town", "v", "allow", 1_200)]
    expectations = [dict(zip(names, each, strict=True)) for each in found]
    text = shown(["SUCCESS"], [], tables=[{"name": "c.s.t", "rows": 5, "expectations": expectations}])

    assert text.splitlines()[2:5] == [
        "      5 rows  c.s.t",
        "      1 row dropped: paid",
        "  1,200 rows against: has a town (view v)",
    ]
