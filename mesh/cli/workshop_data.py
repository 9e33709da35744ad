"""`mesh workshop data`: what the course begins with, loaded into the workspace of the workshop."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.workshop import Local, Root
from mesh.console import emit

if TYPE_CHECKING:
    from mesh.workshop.data.progress_output import Telling
    from mesh.workshop.data.workspace import WorkspacePlace

app = typer.Typer(help="The course's data: taxi trips, zones, boroughs, crimes.")

Folder = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="A folder of real files as they are published, CSV or Parquet: yellow or green trips of the "
        "TLC, Chicago's crimes.",
        show_default="made-up samples",
        exists=True,
        file_okay=False,
        readable=True,
    ),
]


@app.callback(invoke_without_command=True)
def data(context: typer.Context, root: Root = None, local: Local = False) -> None:
    """Say what of the course's data is there; `load` loads it."""
    if context.invoked_subcommand:
        context.obj = (root, local)
        return
    from mesh.workshop.data.content import content
    from mesh.workshop.data.load import told

    with _place(root, local=local) as there:
        for line in told(there, content(), there.table):
            emit(line)


@app.command("load")
def load_data(
    context: typer.Context,
    root: Root = None,
    local: Local = False,
    folder: Folder = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Makes up other samples.", show_default="everybody's"),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace files that somebody changed, and make all tables anew."),
    ] = False,
) -> None:
    """Put the files into the volumes, and make the tables from them; once more changes nothing.

    Each file is checked where it arrived, and noted beside it in _manifest.json: after an interruption, the
    rest is loaded.
    """
    from mesh.workshop.data.content import content
    from mesh.workshop.data.load import Loading
    from mesh.workshop.data.public_files import read_folder

    above: tuple[Path | None, bool] = context.obj or (None, False)
    wanted = content(seed, read_folder(folder) if folder else None)
    with _place(root or above[0], local=local or above[1]) as there:
        Loading(there, _telling(), force).load(wanted)


def _place(root: Path | None, *, local: bool) -> AbstractContextManager[WorkspacePlace]:
    from mesh.workshop.data.workspace import place
    from mesh.workshop.workshop_file import read_workshop

    where = (root or Path.cwd()).resolve()
    return place(read_workshop(where, local=local), where)


def _telling() -> Telling:
    from mesh.workshop.data.progress_output import Bars, Lines

    if not sys.stdout.isatty():
        return Lines(lambda line: emit(line))
    from rich.console import Console

    return Bars(Console())
