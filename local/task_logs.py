"""`mesh local logs RUN`: what the tasks of a run printed."""

from collections.abc import Callable, Iterator

from local.client import Client
from local.run_view import RunView, refresh, result
from mesh.errors import UsageError


def task_logs(
    client: Client, run_id: int, task: str | None = None, readable: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield the lines that the tasks of a run printed, after a heading for each task.

    Args:
        client: the client of the workspace.
        run_id: the run.
        task: the only task, with its iterations; without a heading. None for all tasks.
        readable: changes each line for the reader.

    Raises:
        OutsideError: there is no such run, or the workspace does not answer.
        UsageError: the run has no such task.
    """
    view = RunView("", {"run_id": run_id, "tasks": []}, [], readable=readable)
    next(refresh(client, view))
    labels = [line.label for line in view.lines]
    chosen = [line for line in view.lines if task in (None, line.label, line.label.partition(" ")[0])]
    if not chosen:
        raise UsageError(f"run {run_id} has no task `{task}` (its tasks: {', '.join(labels)})")
    for line in chosen:
        if task is None or len(chosen) > 1:
            yield f"── {line.label}  {result(line.task).lower().replace('_', ' ')} ──"
        yield from view.text(line.task).lines
