"""`mesh local run`: runs a flow's job or pipeline in the local workspace and shows its progress."""

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
_END_STATES = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")
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
# If a run has more iterations, the live table omits the successful and the pending iterations.
_MAX_ITERATIONS_SHOWN = 8
# The maximum length of an iteration's input in the iteration's label.
_MAX_INPUT_CHARACTERS = 30


@dataclass(frozen=True)
class _TaskLine:
    """A task, an iteration, or a task of a run that a task started, with its label.

    Args:
        label: the label to show.
        task: the task in the form of the API.
        nested: True for iterations and for tasks of other runs.
        iteration: True for iterations.
    """

    label: str
    task: Json
    nested: bool = False
    iteration: bool = False


@dataclass
class _RunView:
    """The latest state of a run.

    Args:
        title: the title to show.
        run: the run in the form of the API.
        lines: its tasks, their iterations and the tasks of runs that they started.
        outputs: the outputs of ended tasks and iterations, by run id.
    """

    title: str
    run: Json
    lines: list[_TaskLine]
    outputs: dict[int, Json]

    @property
    def ended(self) -> bool:
        return self.run["state"]["life_cycle_state"] in _END_STATES

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
    deployed_id: str | None = None,
) -> bool:
    """Run a flow's job and show its progress; return whether the run succeeded.

    Args:
        client: the client of the workspace.
        flow: the flow's path, for output.
        job: the job's name.
        parameters: values for the job's parameters.
        console: the output: a live table on a terminal, otherwise a line for each event.
        clock: returns the seconds since 1970.
        deployed_id: the job's id from the deployment's state, if known: several jobs can have one name.

    Raises:
        OutsideError: the job is not deployed, or the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    body = {"job_id": _job_id(client, flow, job, deployed_id), "job_parameters": dict(parameters)}
    return _follow(client, flow, client.post(f"{_API}/run-now", body)["run_id"], console, clock)


def run_pipeline(
    client: Client,
    flow: str,
    pipeline: str,
    console: Console,
    clock: Callable[[], float] = time.time,
    deployed_id: str | None = None,
) -> bool:
    """Run a flow's pipeline once and show its progress; return whether the run succeeded.

    The pipeline is the only task of a run without a job.

    Args:
        client: the client of the workspace.
        flow: the flow's path, for output.
        pipeline: the pipeline's name.
        console: as for `run_job`.
        clock: returns the seconds since 1970.
        deployed_id: the pipeline's id, as for `run_job`.

    Raises:
        OutsideError: the pipeline is not deployed, or the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    settings = {"pipeline_id": _pipeline_id(client, flow, pipeline, deployed_id)}
    task = {"task_key": flow.rpartition("/")[2], "pipeline_task": settings}
    run_id = client.post(f"{_API}/runs/submit", {"run_name": pipeline, "tasks": [task]})["run_id"]
    return _follow(client, flow, run_id, console, clock)


def _follow(client: Client, flow: str, run_id: int, console: Console, clock: Callable[[], float]) -> bool:
    view = _RunView(f"{flow}  run {run_id}  local", {"run_id": run_id, "tasks": []}, [], {})
    show = _show_live if console.is_terminal else _show_lines
    with _cancelling(client, run_id, console):
        show(_refresh(client, view), view, console, clock)
    _print_end(view, console)
    return view.result == "SUCCESS"


def _job_id(client: Client, flow: str, job: str, deployed_id: str | None) -> int:
    jobs = client.get(f"{_API}/list", name=job).get("jobs", [])
    return int(_select_id([each["job_id"] for each in jobs], deployed_id, "job", job, flow))


def _pipeline_id(client: Client, flow: str, pipeline: str, deployed_id: str | None) -> str:
    pipelines = client.get("/api/2.0/pipelines").get("statuses", [])
    ids = [each["pipeline_id"] for each in pipelines if each["name"] == pipeline]
    return str(_select_id(ids, deployed_id, "pipeline", pipeline, flow))


def _select_id(ids: Sequence[Any], deployed_id: str | None, kind: str, name: str, flow: str) -> Any:
    if not ids:
        message = f"{flow} is not deployed: there is no {kind} `{name}` (deploy it with `mesh deploy`)"
        raise OutsideError(message)
    ids = [id for id in ids if str(id) == deployed_id] or ids
    if len(ids) > 1:
        listing = ", ".join(map(str, ids))
        raise OutsideError(f"{len(ids)} {kind}s have the name `{name}` (ids {listing}): delete all but one")
    return ids[0]


def _refresh(client: Client, view: _RunView) -> Iterator[None]:
    """Update the view repeatedly until the run has ended."""
    while True:
        view.run = client.get(f"{_API}/runs/get", run_id=view.run["run_id"])
        view.lines = [
            line for task in view.run["tasks"] for line in _lines(client, view, task["task_key"], task)
        ]
        yield
        if view.ended:
            return
        time.sleep(_POLL_SECONDS)


def _lines(
    client: Client,
    view: _RunView,
    label: str,
    task: Json,
    *,
    nested: bool = False,
    iteration: bool = False,
) -> Iterator[_TaskLine]:
    """Yield a task, then its iterations or the tasks of the run that it started."""
    run_id = task["run_id"]
    output = view.outputs.get(run_id)
    if output is None and (_has_ended(task) or "run_job_task" in task):
        output = client.get(f"{_API}/runs/get-output", run_id=run_id)
        if _has_ended(task):
            view.outputs[run_id] = output
    yield _TaskLine(label, task, nested, iteration)
    if "for_each_task" in task:
        iterations = client.get(f"{_API}/runs/get", run_id=run_id).get("iterations") or []
        for number, each in enumerate(iterations, 1):
            name = f"{label} #{number} {_input_label(each)}".rstrip()
            yield from _lines(client, view, name, each, nested=True, iteration=True)
    started = ((output or {}).get("run_job_output") or {}).get("run_id")
    if started:
        for each in client.get(f"{_API}/runs/get", run_id=started)["tasks"]:
            yield from _lines(client, view, f"{label} / {each['task_key']}", each, nested=True)


def _input_label(iteration: Json) -> str:
    """Return an iteration's input, shortened for the iteration's label."""
    value = iteration.get("input", "")
    text = visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _MAX_INPUT_CHARACTERS else f"{text[: _MAX_INPUT_CHARACTERS - 1]}…"


def _show_live(updates: Iterator[None], view: _RunView, console: Console, clock: Callable[[], float]) -> None:
    spinner = Spinner("dots")
    with Live(console=console, refresh_per_second=8) as live:
        for _ in updates:
            live.update(_table(view, spinner, clock()))


def _show_lines(
    updates: Iterator[None], view: _RunView, console: Console, clock: Callable[[], float]
) -> None:
    _print(console, view.title)
    printed: set[tuple[str, str]] = set()
    for _ in updates:
        for line in _in_end_order(view.lines):
            task = line.task
            event = (line.label, _result(task))
            if event in printed or not (_has_ended(task) or event[1] == "RUNNING"):
                continue
            printed.add(event)
            seconds = (
                f"{_seconds(task, clock()):.1f} s" if _has_ended(task) and task.get("start_time") else ""
            )
            result = event[1].lower().replace("_", " ")
            details = "  ".join(filter(None, [line.label, seconds, _note(view, task)]))
            _print(console, f"  {result:<15}  {details}", *_tables(view, task, set()))


def _in_end_order(lines: list[_TaskLine]) -> Iterator[_TaskLine]:
    """Yield each ended task after its nested lines, because they ended first."""
    groups: list[list[_TaskLine]] = []
    for line in lines:
        if line.nested:
            groups[-1].append(line)
        else:
            groups.append([line])
    for head, *nested in groups:
        yield from [*nested, head] if _has_ended(head.task) else [head, *nested]


def _table(view: _RunView, spinner: Spinner, now: float) -> RenderableType:
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
        details += _tables(view, task, schemas)
        table.add_row(_glyph(task, spinner), Text(line.label), seconds, Text("\n".join(details)))
    return Group(Text(view.title, style="bold"), table)


def _shown_lines(lines: list[_TaskLine]) -> list[_TaskLine]:
    if sum(line.iteration for line in lines) <= _MAX_ITERATIONS_SHOWN:
        return lines
    return [line for line in lines if not (line.iteration and _result(line.task) in ("SUCCESS", "PENDING"))]


def _by_start(lines: list[_TaskLine]) -> list[_TaskLine]:
    """Return the lines sorted by start time of the run's tasks; nested lines stay below their task."""
    starts: list[tuple[float, int]] = []
    for number, line in enumerate(lines):
        start = line.task.get("start_time") or line.task.get("end_time") or float("inf")
        starts.append((starts[-1][0] if line.nested else start, number))
    return [lines[number] for _, number in sorted(starts)]


def _glyph(task: Json, spinner: Spinner) -> RenderableType:
    if _result(task) == "RUNNING":
        return Padding(spinner, (0, 0, 0, 2))
    glyph, style = _GLYPHS.get(_result(task), ("·", "dim"))
    return Text(f"  {glyph}", style=style)


def _note(view: _RunView, task: Json) -> str:
    """Return a condition's outcome, a loop's progress, or the condition that excluded a task."""
    if _result(task) == "EXCLUDED":
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


def _tables(view: _RunView, task: Json, schemas: set[str]) -> list[str]:
    """Return a line for each table that a task wrote. The first table of a schema has its full name."""
    lines = []
    for table in view.outputs.get(task["run_id"], {}).get("tables", []):
        schema, _, name = table["name"].rpartition(".")
        label = f"…{name}" if schema in schemas else table["name"]
        schemas.add(schema)
        rows = table.get("rows")
        count = "" if rows is None else f"{rows:>7,} row{'' if rows == 1 else 's'}  "
        lines.append(f"{count}{label}")
    return lines


def _result(task: Json) -> str:
    state = task["state"]
    return str(state.get("result_state") or state["life_cycle_state"])


def _has_ended(task: Json) -> bool:
    return task["state"]["life_cycle_state"] in _END_STATES


def _seconds(task: Json, now: float) -> float:
    start = task.get("start_time")
    return max(0.0, (task.get("end_time") or now * 1000) - start) / 1000 if start else 0.0


def _print_end(view: _RunView, console: Console) -> None:
    for line in view.lines:
        output = view.outputs.get(line.task["run_id"], {})
        if _result(line.task) in ("FAILED", "TIMEDOUT"):
            console.print()
            console.print(Text(f"{line.label}: {output.get('error', 'failed')}", style="bold red"))
            _print(console, *filter(None, [output.get("error_trace")]))
    result, message = view.result, view.run["state"].get("state_message", "")
    seconds = _seconds(view.run, 0)
    style = "green" if result == "SUCCESS" else "bold red"
    verb = {"SUCCESS": "succeeded", "FAILED": "failed"}.get(result, result.lower().replace("_", " "))
    end = f"run {view.run['run_id']} {verb} after {seconds:.1f} s"
    console.print(Text(f"{end}. {message}" if message else end, style=style))


def _print(console: Console, *lines: str) -> None:
    for line in lines:
        console.print(Text(line), soft_wrap=True)


@contextmanager
def _cancelling(client: Client, run_id: int, console: Console) -> Iterator[None]:
    """Cancel the run on Ctrl-C or SIGTERM."""

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
            if state["life_cycle_state"] in _END_STATES:
                break
            time.sleep(_POLL_SECONDS)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
