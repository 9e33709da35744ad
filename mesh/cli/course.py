"""`mesh course`: the tasks of the course, for students."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import CourseRoot, resolved
from mesh.console import emit, render, visible

if TYPE_CHECKING:
    from mesh.workshop.course.outcome import Outcome

app = typer.Typer(help="The tasks of the course, and the check of each task.", no_args_is_help=True)

NOT_DONE = 1


@app.command("list")
def list_tasks(
    root: CourseRoot = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects, for scripts.")] = False,
) -> None:
    """List the tasks in their order."""
    from rich.table import Table
    from rich.text import Text

    from mesh.workshop.course.task import read_tasks

    tasks = read_tasks(resolved(root))
    if as_json:
        entries = [{"task": task.name, "title": task.title, "folder": task.folder} for task in tasks]
        emit(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for task in tasks:
        table.add_row(task.name, Text(visible(task.title)), Text(task.folder, style="dim"))
    render(table)


@app.command()
def check(
    task: Annotated[str, typer.Argument(help="A task, as `mesh course list` prints it, or its number.")],
    root: CourseRoot = None,
    local: Annotated[
        bool,
        typer.Option(
            "--local",
            help="Check in the workspace on this machine.",
            show_default="if it is up and DATABRICKS_HOST names no other workspace",
        ),
    ] = False,
    student: Annotated[
        str | None,
        typer.Option(
            "--student",
            metavar="EMAIL",
            help="The student.",
            show_default="MESH_USER, git's e-mail or the logged-in user",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print an object, for scripts.")] = False,
) -> None:
    """Check in the workspace whether a task is done, and print what is missing.

    Exit code 0 if the task is done, 1 if it is not done, 3 if the workspace does not answer.
    """
    from mesh.workshop.course.task import find_task
    from mesh.workshop.status import command

    folder = resolved(root)
    checked = find_task(folder, task)
    source = command.evidence_source(folder, local=local or command.uses_local_workspace(folder))
    person = command.find_student(folder, student, source)
    outcome = command.check_task(checked, person, source)
    if as_json:
        entry = {"task": checked.name, "student": person.email, "state": outcome.state.value}
        entry |= {"why": outcome.reason, "hint": outcome.hint}
        emit(json.dumps(entry, indent=2, ensure_ascii=False))
    else:
        _print(checked.name, outcome)
    if outcome.state != "done":
        raise typer.Exit(NOT_DONE)


def _print(name: str, outcome: Outcome) -> None:
    from mesh.workshop.status.table import MARKS

    emit(f"{MARKS[outcome.state]} {name}: {outcome.state.value}{outcome.reason and f', {outcome.reason}'}")
    if outcome.hint:
        emit(f"  {visible(outcome.hint)}")
