"""`mesh local run`: starts a flow's job in the local workspace and follows it to its end."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.client import Client, Json
from mesh.errors import OutsideError

_API = "/api/2.2/jobs"
_ENDED = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")
_POLL_SECONDS = 0.3
_CANCEL_SECONDS = 20.0
_GLYPHS = {
    "SUCCESS": ("✔", "green"),
    "FAILED": ("✘", "bold red"),
    "TIMEDOUT": ("✘", "bold red"),
    "CANCELED": ("■", "yellow"),
    "UPSTREAM_FAILED": ("-", "dim"),
    "UPSTREAM_CANCELED": ("-", "dim"),
    "EXCLUDED": ("-", "dim"),
}


@dataclass
class _Followed:
    """A run as it is now, and what its ended tasks gave."""

    title: str
    run: Json
    outputs: dict[str, Json]

    @property
    def ended(self) -> bool:
        return self.run["state"]["life_cycle_state"] in _ENDED

    @property
    def result(self) -> str:
        state = self.run["state"]
        return str(state.get("result_state") or state["life_cycle_state"])


def run_job(
    client: Client,
    flow: str,
    job: str,
    parameters: Mapping[str, str],
    console: Console,
    clock: Callable[[], float] = time.time,
) -> bool:
    """Run a flow's job and show how it goes; return whether it succeeded.

    Args:
        client: the workspace.
        flow: the flow's path, to show.
        job: the job's name.
        parameters: values for the job's parameters.
        console: where it is shown: a live table on a terminal, a line for each event elsewhere.
        clock: seconds since 1970.

    Raises:
        OutsideError: there is no such job, or the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    run_id = client.post(
        f"{_API}/run-now", {"job_id": _job_id(client, flow, job), "job_parameters": dict(parameters)}
    )["run_id"]
    followed = _Followed(f"{flow}  run {run_id}  local", {"run_id": run_id, "tasks": []}, {})
    show = _show_live if console.is_terminal else _show_lines
    with _cancelling(client, run_id, console):
        show(_updates(client, followed), followed, console, clock)
    _print_end(followed, console)
    return followed.result == "SUCCESS"


def _job_id(client: Client, flow: str, job: str) -> int:
    jobs = client.get(f"{_API}/list", name=job).get("jobs", [])
    if not jobs:
        raise OutsideError(f"{flow} is not deployed: there is no job `{job}`: deploy it with `mesh deploy`")
    if len(jobs) > 1:
        numbers = ", ".join(str(each["job_id"]) for each in jobs)
        raise OutsideError(f"{len(jobs)} jobs are called `{job}` ({numbers}): delete those that are too many")
    return int(jobs[0]["job_id"])


def _updates(client: Client, followed: _Followed) -> Iterator[None]:
    """Bring the run up to date again and again, until it has ended."""
    while True:
        followed.run = client.get(f"{_API}/runs/get", run_id=followed.run["run_id"])
        for task in followed.run["tasks"]:
            if _ended(task) and task["task_key"] not in followed.outputs:
                output = client.get(f"{_API}/runs/get-output", run_id=task["run_id"])
                followed.outputs[task["task_key"]] = output
        yield
        if followed.ended:
            return
        time.sleep(_POLL_SECONDS)


def _show_live(
    updates: Iterator[None], followed: _Followed, console: Console, clock: Callable[[], float]
) -> None:
    spinner = Spinner("dots")
    with Live(console=console, refresh_per_second=8) as live:
        for _ in updates:
            live.update(_table(followed, spinner, clock()))


def _show_lines(
    updates: Iterator[None], followed: _Followed, console: Console, clock: Callable[[], float]
) -> None:
    _print(console, followed.title)
    shown: set[tuple[str, str]] = set()
    for _ in updates:
        for task in followed.run["tasks"]:
            event = (task["task_key"], _result(task))
            tables = _written(followed, task, set())
            if event in shown or not (_ended(task) or event[1] == "RUNNING"):
                continue
            shown.add(event)
            seconds = f"  {_seconds(task, clock()):.1f} s" if _ended(task) and task.get("start_time") else ""
            word = event[1].lower().replace("_", " ")
            _print(console, f"  {word:<15}  {task['task_key']}{seconds}", *tables)


def _table(followed: _Followed, spinner: Spinner, now: float) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    schemas: set[str] = set()
    for task in _by_start(followed.run["tasks"]):
        seconds = f"{_seconds(task, now):.1f} s" if task.get("start_time") else ""
        written = _written(followed, task, schemas)
        table.add_row(_glyph(task, spinner), task["task_key"], seconds, Text("\n".join(written)))
    return Group(Text(followed.title, style="bold"), table)


def _by_start(tasks: list[Json]) -> list[Json]:
    return sorted(tasks, key=lambda task: task.get("start_time") or task.get("end_time") or float("inf"))


def _glyph(task: Json, spinner: Spinner) -> RenderableType:
    if _result(task) == "RUNNING":
        return Padding(spinner, (0, 0, 0, 2))
    glyph, style = _GLYPHS.get(_result(task), ("·", "dim"))
    return Text(f"  {glyph}", style=style)


def _written(followed: _Followed, task: Json, schemas: set[str]) -> list[str]:
    """Return a line for each table a task wrote; a schema is spelled out only once."""
    lines = []
    for table in followed.outputs.get(task["task_key"], {}).get("tables", []):
        schema, _, name = table["name"].rpartition(".")
        shown = f"…{name}" if schema in schemas else table["name"]
        schemas.add(schema)
        rows = table.get("rows")
        count = "" if rows is None else f"{rows:>7,} row{'' if rows == 1 else 's'}  "
        lines.append(f"{count}{shown}")
    return lines


def _result(task: Json) -> str:
    state = task["state"]
    return str(state.get("result_state") or state["life_cycle_state"])


def _ended(task: Json) -> bool:
    return task["state"]["life_cycle_state"] in _ENDED


def _seconds(task: Json, now: float) -> float:
    start = task.get("start_time")
    return max(0.0, (task.get("end_time") or now * 1000) - start) / 1000 if start else 0.0


def _print_end(followed: _Followed, console: Console) -> None:
    for task in followed.run["tasks"]:
        output = followed.outputs.get(task["task_key"], {})
        if _result(task) in ("FAILED", "TIMEDOUT"):
            console.print()
            console.print(Text(f"{task['task_key']}: {output.get('error', 'failed')}", style="bold red"))
            _print(console, output.get("error_trace") or "")
    result, message = followed.result, followed.run["state"].get("state_message", "")
    seconds = _seconds(followed.run, 0)
    style = "green" if result == "SUCCESS" else "bold red"
    words = {"SUCCESS": "succeeded", "FAILED": "failed"}.get(result, result.lower().replace("_", " "))
    end = f"run {followed.run['run_id']} {words} after {seconds:.1f} s"
    console.print(Text(f"{end}. {message}" if message else end, style=style))


def _print(console: Console, *lines: str) -> None:
    for line in lines:
        console.print(Text(line), soft_wrap=True)


@contextmanager
def _cancelling(client: Client, run_id: int, console: Console) -> Iterator[None]:
    """Cancel the run when the one who follows it is interrupted; by SIGTERM as by Ctrl-C."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"cancelling run {run_id}")
        client.post(f"{_API}/runs/cancel", {"run_id": run_id})
        deadline = time.monotonic() + _CANCEL_SECONDS
        while time.monotonic() < deadline:
            state = client.get(f"{_API}/runs/get", run_id=run_id)["state"]
            if state["life_cycle_state"] in _ENDED:
                break
            time.sleep(_POLL_SECONDS)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
