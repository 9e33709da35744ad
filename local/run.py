"""`mesh local run`: starts a flow's job or pipeline in the local workspace and follows it to its end."""

import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.client import Client, Json
from mesh.console import visible
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
    "DISABLED": ("-", "dim"),
}
# Of more iterations than this the live table leaves out those that succeeded.
_FEW = 8
# So much of an iteration's input is part of its name.
_INPUT_CHARACTERS = 30


@dataclass(frozen=True)
class _Line:
    """A task, an iteration of one, or a task of a run that one started, and how it is called here."""

    label: str
    task: Json
    below: bool = False
    iteration: bool = False


@dataclass
class _Followed:
    """A run as it is now, all that it is made of, and what of that has ended gave (by its run's id)."""

    title: str
    run: Json
    lines: list[_Line]
    outputs: dict[int, Json]

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
    known: str | None = None,
) -> bool:
    """Run a flow's job and show how it goes; return whether it succeeded.

    Args:
        client: the workspace.
        flow: the flow's path, to show.
        job: the job's name.
        parameters: values for the job's parameters.
        console: where it is shown: a live table on a terminal, a line for each event elsewhere.
        clock: seconds since 1970.
        known: the job's id, if the deployment's state tells it: parts of one flow share a job name.

    Raises:
        OutsideError: there is no such job, or the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    asked = {"job_id": _job_id(client, flow, job, known), "job_parameters": dict(parameters)}
    return _follow(client, flow, client.post(f"{_API}/run-now", asked)["run_id"], console, clock)


def run_pipeline(
    client: Client,
    flow: str,
    pipeline: str,
    console: Console,
    clock: Callable[[], float] = time.time,
    known: str | None = None,
) -> bool:
    """Run a flow's pipeline once, as the only task of a run, and show how it goes; whether it succeeded.

    Args:
        client: the workspace.
        flow: the flow's path, to show.
        pipeline: the pipeline's name.
        console: as for `run_job`.
        clock: seconds since 1970.
        known: the pipeline's id, as for `run_job`.

    Raises:
        OutsideError: there is no such pipeline, or the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    runs = {"pipeline_id": _pipeline_id(client, flow, pipeline, known)}
    task = {"task_key": flow.rpartition("/")[2], "pipeline_task": runs}
    run_id = client.post(f"{_API}/runs/submit", {"run_name": pipeline, "tasks": [task]})["run_id"]
    return _follow(client, flow, run_id, console, clock)


def _follow(client: Client, flow: str, run_id: int, console: Console, clock: Callable[[], float]) -> bool:
    followed = _Followed(f"{flow}  run {run_id}  local", {"run_id": run_id, "tasks": []}, [], {})
    show = _show_live if console.is_terminal else _show_lines
    with _cancelling(client, run_id, console):
        show(_updates(client, followed), followed, console, clock)
    _print_end(followed, console)
    return followed.result == "SUCCESS"


def _job_id(client: Client, flow: str, job: str, known: str | None) -> int:
    jobs = client.get(f"{_API}/list", name=job).get("jobs", [])
    return int(_only([each["job_id"] for each in jobs], known, "job", job, flow))


def _pipeline_id(client: Client, flow: str, pipeline: str, known: str | None) -> str:
    pipelines = client.get("/api/2.0/pipelines").get("statuses", [])
    found = [each["pipeline_id"] for each in pipelines if each["name"] == pipeline]
    return str(_only(found, known, "pipeline", pipeline, flow))


def _only(ids: Sequence[Any], known: str | None, what: str, name: str, flow: str) -> Any:
    if not ids:
        message = f"{flow} is not deployed: there is no {what} `{name}`: deploy it with `mesh deploy`"
        raise OutsideError(message)
    ids = [id for id in ids if str(id) == known] or ids
    if len(ids) > 1:
        numbers = ", ".join(map(str, ids))
        raise OutsideError(
            f"{len(ids)} {what}s are called `{name}` ({numbers}): delete those that are too many"
        )
    return ids[0]


def _updates(client: Client, followed: _Followed) -> Iterator[None]:
    """Bring the run up to date again and again, until it has ended."""
    while True:
        followed.run = client.get(f"{_API}/runs/get", run_id=followed.run["run_id"])
        followed.lines = [
            line
            for task in followed.run["tasks"]
            for line in _lines(client, followed, task["task_key"], task)
        ]
        yield
        if followed.ended:
            return
        time.sleep(_POLL_SECONDS)


def _lines(
    client: Client,
    followed: _Followed,
    label: str,
    task: Json,
    *,
    below: bool = False,
    iteration: bool = False,
) -> Iterator[_Line]:
    """Yield a task and, after it, its iterations or the tasks of the run that it started."""
    number = task["run_id"]
    known = followed.outputs.get(number)
    if known is None and (_ended(task) or "run_job_task" in task):
        known = client.get(f"{_API}/runs/get-output", run_id=number)
        if _ended(task):
            followed.outputs[number] = known
    yield _Line(label, task, below, iteration)
    if "for_each_task" in task:
        inner = client.get(f"{_API}/runs/get", run_id=number).get("iterations") or []
        for count, each in enumerate(inner, 1):
            name = f"{label} #{count} {_input(each)}".rstrip()
            yield from _lines(client, followed, name, each, below=True, iteration=True)
    started = ((known or {}).get("run_job_output") or {}).get("run_id")
    if started:
        for each in client.get(f"{_API}/runs/get", run_id=started)["tasks"]:
            yield from _lines(client, followed, f"{label} / {each['task_key']}", each, below=True)


def _input(iteration: Json) -> str:
    """Return what an iteration is about, as far as it fits into its name."""
    given = iteration.get("input", "")
    text = visible(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
    return text if len(text) <= _INPUT_CHARACTERS else f"{text[: _INPUT_CHARACTERS - 1]}…"


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
        for line in _as_ended(followed.lines):
            task = line.task
            event = (line.label, _result(task))
            if event in shown or not (_ended(task) or event[1] == "RUNNING"):
                continue
            shown.add(event)
            seconds = f"{_seconds(task, clock()):.1f} s" if _ended(task) and task.get("start_time") else ""
            word = event[1].lower().replace("_", " ")
            said = "  ".join(filter(None, [line.label, seconds, _note(followed, task)]))
            _print(console, f"  {word:<15}  {said}", *_tables(followed, task, set()))


def _as_ended(lines: list[_Line]) -> Iterator[_Line]:
    """Yield the lines with each task that has ended behind what is below it, which ended before."""
    groups: list[list[_Line]] = []
    for line in lines:
        if line.below:
            groups[-1].append(line)
        else:
            groups.append([line])
    for head, *below in groups:
        yield from [*below, head] if _ended(head.task) else [head, *below]


def _table(followed: _Followed, spinner: Spinner, now: float) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    schemas: set[str] = set()
    for line in _by_start(_worth_a_row(followed.lines)):
        task = line.task
        seconds = f"{_seconds(task, now):.1f} s" if task.get("start_time") else ""
        details = [f"{note:>7}" for note in filter(None, [_note(followed, task)])]
        details += _tables(followed, task, schemas)
        table.add_row(_glyph(task, spinner), Text(line.label), seconds, Text("\n".join(details)))
    return Group(Text(followed.title, style="bold"), table)


def _worth_a_row(lines: list[_Line]) -> list[_Line]:
    if sum(line.iteration for line in lines) <= _FEW:
        return lines
    return [line for line in lines if not (line.iteration and _result(line.task) in ("SUCCESS", "PENDING"))]


def _by_start(lines: list[_Line]) -> list[_Line]:
    """Return the lines in the order in which the run's own tasks began, each with what is below it."""
    starts: list[tuple[float, int]] = []
    for number, line in enumerate(lines):
        own = line.task.get("start_time") or line.task.get("end_time") or float("inf")
        starts.append((starts[-1][0] if line.below else own, number))
    return [lines[number] for _, number in sorted(starts)]


def _glyph(task: Json, spinner: Spinner) -> RenderableType:
    if _result(task) == "RUNNING":
        return Padding(spinner, (0, 0, 0, 2))
    glyph, style = _GLYPHS.get(_result(task), ("·", "dim"))
    return Text(f"  {glyph}", style=style)


def _note(followed: _Followed, task: Json) -> str:
    """Return how a condition came out, how far a loop is, or which condition left a task out."""
    if _result(task) == "EXCLUDED":
        outcomes = {
            each["task_key"]: each["condition_task"].get("outcome")
            for each in followed.run["tasks"]
            if "condition_task" in each
        }
        upstream = [each for each in task.get("depends_on") or [] if each.get("outcome")]
        judged = [(each["task_key"], outcomes.get(each["task_key"]), each["outcome"]) for each in upstream]
        return ", ".join(f"{key} is {was}" for key, was, wanted in judged if was not in (None, wanted))
    if "condition_task" in task:
        return str(task["condition_task"].get("outcome", ""))
    stats = (task.get("for_each_task") or {}).get("stats")
    if not stats:
        return ""
    counts = stats["task_run_stats"]
    return f"{counts['completed_iterations']:,} of {counts['total_iterations']:,} iterations"


def _tables(followed: _Followed, task: Json, schemas: set[str]) -> list[str]:
    """Return a line for each table that was written; a schema is spelled out only once."""
    lines = []
    for table in followed.outputs.get(task["run_id"], {}).get("tables", []):
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
    for line in followed.lines:
        output = followed.outputs.get(line.task["run_id"], {})
        if _result(line.task) in ("FAILED", "TIMEDOUT"):
            console.print()
            console.print(Text(f"{line.label}: {output.get('error', 'failed')}", style="bold red"))
            _print(console, *filter(None, [output.get("error_trace")]))
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
