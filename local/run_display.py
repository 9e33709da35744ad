"""Shows a run: as a live table on a terminal, otherwise a line for each event."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.client import Json
from local.run_view import RunView, TaskLine, has_ended, result

_GLYPHS = {
    "SUCCESS": ("✔", "green"),
    "FAILED": ("✘", "bold red"),
    "TIMEDOUT": ("✘", "bold red"),
    "CANCELED": ("■", "yellow"),
    "UPSTREAM_FAILED": ("-", "dim"),
    "UPSTREAM_CANCELED": ("-", "dim"),
    "EXCLUDED": ("-", "dim"),
    "DISABLED": ("-", "dim"),
}
# If a run has more iterations, the live table omits the successful and the pending iterations.
_MAX_ITERATIONS_SHOWN = 8
# A running task shows its last lines.
_LAST_LINES = 5
_FAILED = ("FAILED", "TIMEDOUT")


@dataclass(frozen=True)
class Display:
    """How runs are shown.

    Args:
        console: the output.
        output: True to show everything that tasks print; otherwise that of successful tasks is folded.
        readable: changes a line that a task printed for the reader.
        clock: returns the seconds since 1970.
    """

    console: Console
    output: bool = False
    readable: Callable[[str], str] = str
    clock: Callable[[], float] = time.time

    def show(self, updates: Iterator[None], view: RunView) -> None:
        """Show a run until it has ended, then its failures and its result."""
        (self._live if self.console.is_terminal else self._lines)(updates, view)
        self._end(view)

    def print(self, *lines: str) -> None:
        """Print lines as they are."""
        for line in lines:
            self.console.print(Text(line), soft_wrap=True)

    def _live(self, updates: Iterator[None], view: RunView) -> None:
        spinner = Spinner("dots")
        with Live(console=self.console, refresh_per_second=8) as live:
            for _ in updates:
                if self.output:
                    self._stream(view)
                live.update(self._table(view, spinner, self.clock()))

    def _lines(self, updates: Iterator[None], view: RunView) -> None:
        self.print(view.title)
        printed: set[tuple[str, str]] = set()
        for _ in updates:
            for line in _in_end_order(view.lines):
                task = line.task
                event = (line.label, result(task))
                if self.output:
                    self._stream(view, line)
                if event in printed or not (has_ended(task) or event[1] == "RUNNING"):
                    continue
                printed.add(event)
                seconds = (
                    f"{_seconds(task, self.clock()):.1f} s"
                    if has_ended(task) and task.get("start_time")
                    else ""
                )
                word = event[1].lower().replace("_", " ")
                details = "  ".join(filter(None, [line.label, seconds, _note(view, task)]))
                self.print(f"  {word:<15}  {details}", *_tables(view, task, set()), *self._folded(view, task))

    def _stream(self, view: RunView, only: TaskLine | None = None) -> None:
        """Print the new lines of tasks, each after the label of its task."""
        for line in [only] if only else view.lines:
            text = view.text(line.task)
            self.print(*(f"{line.label} | {each}" for each in text.lines[text.shown :]))
            text.shown = len(text.lines)

    def _folded(self, view: RunView, task: Json) -> list[str]:
        """Return the line in place of what a successful task printed."""
        count = len(view.text(task).lines)
        if self.output or not count or not has_ended(task) or result(task) in _FAILED:
            return []
        return [f"{count:>7,} line{'' if count == 1 else 's'} of output  --output shows them"]

    def _table(self, view: RunView, spinner: Spinner, now: float) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        table.add_column()
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold")
        schemas: set[str] = set()
        for line in _by_start(_shown_lines(view.lines)):
            task = line.task
            seconds = f"{_seconds(task, now):.1f} s" if task.get("start_time") else ""
            details = [f"{note:>7}" for note in filter(None, [_note(view, task)])]
            details += _tables(view, task, schemas) + self._folded(view, task)
            cell = Text("\n".join(details))
            if result(task) == "RUNNING" and not self.output and view.text(task).lines:
                cell.append("\n".join(view.text(task).lines[-_LAST_LINES:]), style="dim")
            table.add_row(_glyph(task, spinner), Text(line.label), seconds, cell)
        return Group(Text(view.title, style="bold"), table)

    def _end(self, view: RunView) -> None:
        for line in view.lines:
            output = view.outputs.get(line.task["run_id"], {})
            if result(line.task) in _FAILED:
                self.console.print()
                [error] = view.readable_lines(str(output.get("error") or "failed"))[:1]
                self.console.print(Text(f"{line.label}: {error}", style="bold red"), soft_wrap=True)
                trace = view.readable_lines(str(output.get("error_trace") or "").rstrip("\n"))
                self.print(*([] if self.output else _before(trace, view.text(line.task).lines)))
                self.print(*([] if trace == [error] else trace))
        ending, message = view.result, view.run["state"].get("state_message", "")
        style = "green" if ending == "SUCCESS" else "bold red"
        verb = {"SUCCESS": "succeeded", "FAILED": "failed"}.get(ending, ending.lower().replace("_", " "))
        seconds = _seconds({**view.run, "start_time": view.started}, 0)
        end = f"run {view.run['run_id']} {verb} after {seconds:.1f} s"
        self.console.print(Text(f"{end}. {message}" if message else end, style=style))


def _before(trace: list[str], lines: list[str]) -> list[str]:
    """Return the lines that a task printed, without the traceback at their end."""
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    start = end - len(trace)
    return lines[:start] if trace and lines[start:end] == trace else lines


def _in_end_order(lines: list[TaskLine]) -> Iterator[TaskLine]:
    """Yield each ended task after its nested lines, because they ended first."""
    groups: list[list[TaskLine]] = []
    for line in lines:
        if line.nested:
            groups[-1].append(line)
        else:
            groups.append([line])
    for head, *nested in groups:
        yield from [*nested, head] if has_ended(head.task) else [head, *nested]


def _shown_lines(lines: list[TaskLine]) -> list[TaskLine]:
    if sum(line.iteration for line in lines) <= _MAX_ITERATIONS_SHOWN:
        return lines
    return [line for line in lines if not (line.iteration and result(line.task) in ("SUCCESS", "PENDING"))]


def _by_start(lines: list[TaskLine]) -> list[TaskLine]:
    """Return the lines sorted by start time of the run's tasks; nested lines stay below their task."""
    starts: list[tuple[float, int]] = []
    for number, line in enumerate(lines):
        start = line.task.get("start_time") or line.task.get("end_time") or float("inf")
        starts.append((starts[-1][0] if line.nested else start, number))
    return [lines[number] for _, number in sorted(starts)]


def _glyph(task: Json, spinner: Spinner) -> RenderableType:
    if result(task) == "RUNNING":
        return Padding(spinner, (0, 0, 0, 2))
    glyph, style = _GLYPHS.get(result(task), ("·", "dim"))
    return Text(f"  {glyph}", style=style)


def _note(view: RunView, task: Json) -> str:
    """Return a condition's outcome, a loop's progress, or the condition that excluded a task."""
    if result(task) == "EXCLUDED":
        outcomes = {
            each["task_key"]: each["condition_task"].get("outcome")
            for each in view.run["tasks"]
            if "condition_task" in each
        }
        upstream = [each for each in task.get("depends_on") or [] if each.get("outcome")]
        compared = [(each["task_key"], outcomes.get(each["task_key"]), each["outcome"]) for each in upstream]
        return ", ".join(
            f"{key} is {actual}" for key, actual, expected in compared if actual not in (None, expected)
        )
    if "condition_task" in task:
        return str(task["condition_task"].get("outcome", ""))
    stats = (task.get("for_each_task") or {}).get("stats")
    if not stats:
        return ""
    counts = stats["task_run_stats"]
    return f"{counts['completed_iterations']:,} of {counts['total_iterations']:,} iterations"


def _tables(view: RunView, task: Json, schemas: set[str]) -> list[str]:
    """Return a line for each table that a task wrote. The first table of a schema has its full name."""
    lines = []
    for table in view.outputs.get(task["run_id"], {}).get("tables", []):
        schema, _, name = table["name"].rpartition(".")
        label = f"…{name}" if schema in schemas else table["name"]
        schemas.add(schema)
        rows = table.get("rows")
        count = "" if rows is None else f"{rows:>7,} row{'' if rows == 1 else 's'}  "
        lines.append(f"{count}{label}")
        lines += [
            _violations(each, label) for each in table.get("expectations") or () if each["failed_records"]
        ]
    return lines


def _violations(expectation: Json, table: str) -> str:
    """Return the line about rows that violate an expectation of a pipeline."""
    failed = expectation["failed_records"]
    dropped = "dropped: " if expectation["action"] == "drop" else "against: "
    of_view = f" (view {expectation['dataset']})" if not table.endswith(expectation["dataset"]) else ""
    return f"{failed:>7,} row{'' if failed == 1 else 's'} {dropped}{expectation['name']}{of_view}"


def _seconds(task: Json, now: float) -> float:
    start = task.get("start_time")
    return max(0.0, (task.get("end_time") or now * 1000) - start) / 1000 if start else 0.0
