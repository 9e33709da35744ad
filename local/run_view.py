"""A run of a job as the client sees it: its tasks, their results, and what they printed."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from local.client import Client, Json
from mesh.console import visible

API = "/api/2.2/jobs"
END_STATES = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")
POLL_SECONDS = 0.3
# The maximum length of an iteration's input in the iteration's label.
_MAX_INPUT_CHARACTERS = 30


@dataclass(frozen=True)
class TaskLine:
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
class TaskText:
    """What an attempt at a task printed.

    Args:
        lines: the lines so far.
        end: the number of bytes of the log that were read.
        shown: the number of lines that were shown already.
    """

    lines: list[str] = field(default_factory=list)
    end: int = 0
    shown: int = 0


@dataclass
class RunView:
    """The latest state of a run.

    Args:
        title: the title to show.
        run: the run in the form of the API.
        lines: its tasks, their iterations and the tasks of runs that they started.
        outputs: the outputs of ended tasks and iterations, by run id.
        texts: what tasks and iterations printed so far, by run id and attempt.
        readable: changes what tasks printed for the reader, line by line.
    """

    title: str
    run: Json
    lines: list[TaskLine]
    outputs: dict[int, Json] = field(default_factory=dict)
    texts: dict[tuple[int, int], "TaskText"] = field(default_factory=dict)
    readable: Callable[[str], str] = str

    @property
    def ended(self) -> bool:
        """True if the run has ended."""
        return self.run["state"]["life_cycle_state"] in END_STATES

    @property
    def result(self) -> str:
        """The result of the run, or its state while it has none."""
        state = self.run["state"]
        return str(state.get("result_state") or state["life_cycle_state"])

    @property
    def started(self) -> float:
        """When the run, or its last repair, started: milliseconds since 1970."""
        repairs = self.run.get("repair_history") or []
        return float(repairs[-1]["start_time"] if repairs else self.run.get("start_time") or 0)

    def text(self, task: Json) -> "TaskText":
        """What the last attempt at a task printed."""
        return self.texts.setdefault((task["run_id"], task.get("attempt_number", 0)), TaskText())

    def readable_lines(self, text: str) -> list[str]:
        """Return the lines of a task's text for the reader."""
        return [self.readable(visible(line.expandtabs())) for line in text.splitlines()]


def refresh(client: Client, view: RunView) -> Iterator[None]:
    """Update the view repeatedly until the run has ended."""
    while True:
        view.run = client.get(f"{API}/runs/get", run_id=view.run["run_id"], include_history="true")
        view.lines = [
            line for task in view.run["tasks"] for line in _lines(client, view, task["task_key"], task)
        ]
        yield
        if view.ended:
            return
        time.sleep(POLL_SECONDS)


def _lines(
    client: Client,
    view: RunView,
    label: str,
    task: Json,
    *,
    nested: bool = False,
    iteration: bool = False,
) -> Iterator[TaskLine]:
    """Yield a task, then its iterations or the tasks of the run that it started."""
    run_id = task["run_id"]
    output = view.outputs.get(run_id)
    if output is None and (has_ended(task) or result(task) == "RUNNING"):
        output = _output(client, view, task)
    yield TaskLine(label, task, nested, iteration)
    if "for_each_task" in task:
        iterations = client.get(f"{API}/runs/get", run_id=run_id).get("iterations") or []
        for number, each in enumerate(iterations, 1):
            name = f"{label} #{number} {_input_label(each)}".rstrip()
            yield from _lines(client, view, name, each, nested=True, iteration=True)
    started = ((output or {}).get("run_job_output") or {}).get("run_id")
    if started:
        for each in client.get(f"{API}/runs/get", run_id=started)["tasks"]:
            yield from _lines(client, view, f"{label} / {each['task_key']}", each, nested=True)


def _output(client: Client, view: RunView, task: Json) -> Json:
    """Return a task's output; adds what it printed since the last call to its text."""
    text = view.text(task)
    output = client.get(f"{API}/runs/get-output", run_id=task["run_id"], logs_from=text.end)
    text.lines += view.readable_lines(str(output.get("logs", "")))
    text.end = output.get("logs_end", text.end)
    if has_ended(task):
        view.outputs[task["run_id"]] = output
    return output


def _input_label(iteration: Json) -> str:
    """Return an iteration's input, shortened for the iteration's label."""
    value = iteration.get("input", "")
    text = visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _MAX_INPUT_CHARACTERS else f"{text[: _MAX_INPUT_CHARACTERS - 1]}…"


def result(task: Json) -> str:
    """Return the result of a task, or its state while it has none."""
    state = task["state"]
    return str(state.get("result_state") or state["life_cycle_state"])


def has_ended(task: Json) -> bool:
    """Return whether a task has ended."""
    return task["state"]["life_cycle_state"] in END_STATES
