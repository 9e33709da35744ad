"""`mesh course`: the course's tasks, for those who take it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.workshop import Root
from mesh.console import emit

if TYPE_CHECKING:
    from mesh.workshop.course.outcome import Outcome

app = typer.Typer(
    help="The tasks of the course: which there are, and what is missing for one.", no_args_is_help=True
)

NOT_DONE = 1


@app.command("list")
def list_tasks(
    root: Root = None,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects, for scripts.")] = False,
) -> None:
    """List the tasks, in order."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from mesh.console import visible
    from mesh.workshop.course.task import tasks

    found = tasks((root or Path.cwd()).resolve())
    if as_json:
        told = [{"task": one.name, "title": one.title, "folder": one.folder} for one in found]
        emit(json.dumps(told, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in found:
        table.add_row(one.name, Text(visible(one.title)), Text(one.folder, style="dim"))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@app.command()
def check(
    task: Annotated[str, typer.Argument(help="A task as `mesh course list` says it; its number will do.")],
    root: Root = None,
    local: Annotated[
        bool,
        typer.Option(
            "--local",
            help="Ask the workspace on this machine.",
            show_default="when it is up, and DATABRICKS_HOST names no other",
        ),
    ] = False,
    student: Annotated[
        str | None,
        typer.Option(
            "--student",
            metavar="EMAIL",
            help="Whose work.",
            show_default="MESH_USER, git's e-mail or who is logged in",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="An object, for scripts.")] = False,
) -> None:
    """Say what is missing for a task, as the workspace itself tells.

    Exit code 0 when it is done, 1 while it is not, 3 when the workspace does not answer.
    """
    from mesh.workshop.course.task import task as find
    from mesh.workshop.status import command

    place = (root or Path.cwd()).resolve()
    asked = find(place, task)
    source = command.source(place, local=local or command.on_this_machine(place))
    who = command.whose(place, student, source)
    outcome = command.check(asked, who, source)
    if as_json:
        told = {"task": asked.name, "student": who.email, "state": outcome.state.value}
        emit(json.dumps(told | {"why": outcome.why, "hint": outcome.hint}, indent=2, ensure_ascii=False))
    else:
        _print(asked.name, outcome)
    if outcome.state != "done":
        raise typer.Exit(NOT_DONE)


def _print(name: str, outcome: Outcome) -> None:
    from mesh.console import visible
    from mesh.workshop.status.table import MARKS

    emit(f"{MARKS[outcome.state]} {name}: {outcome.state.value}{outcome.why and f', {outcome.why}'}")
    if outcome.hint:
        emit(f"  {visible(outcome.hint)}")
