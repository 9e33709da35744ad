"""`mesh workshop status`: the progress of the class."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import CourseRoot, Local, resolved
from mesh.console import emit, render
from mesh.errors import UsageError

if TYPE_CHECKING:
    from mesh.workshop.course.progress import Progress
    from mesh.workshop.status.files import StatusFiles

app = typer.Typer()


@app.command()
def status(
    root: CourseRoot = None,
    local: Local = False,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat until Ctrl-C.")] = False,
    every: Annotated[
        int, typer.Option("--every", metavar="SECONDS", min=2, help="The interval of --watch.")
    ] = 15,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", help="Write an HTML page for the projector; with --watch it refreshes itself."
        ),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write a CSV file with a line for each student and task.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print an object, for scripts.")] = False,
    part: Annotated[
        list[str] | None,
        typer.Option(
            "--part",
            metavar="PART",
            help="A part of the course: its folder or its number; may be repeated.",
            show_default="all parts",
        ),
    ] = None,
) -> None:
    """Show each student's progress with each task, read from the workspace.

    ✔ done, ✘ wrong with the reason, · not done yet. Exit code 0 for any progress, 3 if the workspace does not
    answer. --watch continues while the workspace does not answer: it shows the last progress and its age.
    """
    from mesh.workshop.course.task import of_parts, read_tasks
    from mesh.workshop.status import command
    from mesh.workshop.status.as_json import json_text
    from mesh.workshop.status.files import StatusFiles
    from mesh.workshop.status.table import progress_table
    from mesh.workshop.workshop_file import read_workshop

    if watch and as_json:
        raise UsageError("--json prints once: omit --watch, or use --csv")
    folder = resolved(root)
    workshop, tasks = read_workshop(folder, local=local), of_parts(read_tasks(folder), part or ())

    def read() -> Progress:
        # connects each time: the workspace on this machine may restart at another address
        source = command.evidence_source(
            folder, local=workshop.embedded, workspace=workshop.workspace, warehouse=workshop.warehouse_name
        )
        return command.read_progress(workshop, tasks, source)

    files = StatusFiles(html, csv)
    if watch:
        _watch(read, files, every)
        return
    progress = read()
    files.write(progress)
    if as_json:
        emit(json_text(progress))
    else:
        render(progress_table(progress))


def _watch(read: Callable[[], Progress], files: StatusFiles, every: int) -> None:
    """Updates one table on a terminal; prints one table after the other elsewhere."""
    from rich.live import Live

    from mesh.workshop.status.table import progress_table
    from mesh.workshop.status.watch import watch

    last: list[Progress] = []

    def show(progress: Progress) -> None:
        last[:] = [progress]
        files.write(progress, every)
        if live:
            live.update(progress_table(progress), refresh=True)
        else:
            render(progress_table(progress))

    live = Live(auto_refresh=False, vertical_overflow="visible") if sys.stdout.isatty() else None
    try:
        with live or nullcontext():
            watch(read, show, every, time.sleep)
    except KeyboardInterrupt:
        if last:
            files.write(last[0])  # the final page does not refresh itself
        raise typer.Exit(130) from None
