"""`mesh workshop status`: how far the class is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.workshop import Local, Root
from mesh.console import emit
from mesh.errors import UsageError

if TYPE_CHECKING:
    from mesh.workshop.course.progress import Progress
    from mesh.workshop.status.files import Files

app = typer.Typer()


@app.command()
def status(
    root: Root = None,
    local: Local = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[
        int, typer.Option("--every", metavar="SECONDS", min=2, help="Between two looks with --watch.")
    ] = 15,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="A page for the projector; with --watch it keeps itself up to date."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="A file with a line for each student and task.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As an object, for scripts.")] = False,
) -> None:
    """Show how far each student is with each task, as the workspace itself tells.

    ✔ done, ✘ wrong and why, · not yet. Exit code 0 however far the class is, 3 when the workspace does
    not answer. While it is watched, a workspace that is away for a while ends nothing: what was seen last
    stays, and says since when it is old.
    """
    from mesh.workshop.course.task import tasks
    from mesh.workshop.status import command
    from mesh.workshop.status.as_json import json_text
    from mesh.workshop.status.files import Files
    from mesh.workshop.workshop_file import read_workshop

    if watch and as_json:
        raise UsageError("--json tells one look: leave --watch out, or take --csv")
    place = (root or Path.cwd()).resolve()
    workshop, asked = read_workshop(place, local=local), tasks(place)

    def look() -> Progress:
        # found anew each time: the workspace on this machine may be elsewhere when it comes back
        source = command.source(
            place, local=workshop.embedded, workspace=workshop.workspace, warehouse=workshop.warehouse_name
        )
        return command.look(workshop, asked, source)

    files = Files(html, csv)
    if watch:
        _watch(look, files, every)
        return
    seen = look()
    files.write(seen)
    if as_json:
        emit(json_text(seen))
    else:
        _print(seen)


def _watch(ask: Callable[[], Progress], files: Files, every: int) -> None:
    """Show a table in its place on a terminal, one after the other in a pipe."""
    from rich.live import Live

    from mesh.workshop.status.table import table
    from mesh.workshop.status.watch import watch

    seen: list[Progress] = []

    def show(progress: Progress) -> None:
        seen[:] = [progress]
        files.write(progress, every)
        if live:
            live.update(table(progress), refresh=True)
        else:
            _print(progress)

    live = Live(auto_refresh=False, vertical_overflow="visible") if sys.stdout.isatty() else None
    try:
        with live or nullcontext():
            watch(ask, show, every, time.sleep)
    except KeyboardInterrupt:
        if seen:
            files.write(seen[0])  # a page that nobody writes any more need not load itself again
        raise typer.Exit(130) from None


def _print(progress: Progress) -> None:
    from rich.console import Console

    from mesh.workshop.status.table import table

    console = Console() if sys.stdout.isatty() else Console(width=200)
    console.print(table(progress))
