"""`mesh workshop data`: loads the course's data into the workspace of the workshop."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import CourseRoot, Local, resolved
from mesh.console import emit

if TYPE_CHECKING:
    from mesh.workshop.data.progress_output import ProgressOutput
    from mesh.workshop.data.workspace import WorkspaceTarget

app = typer.Typer(help="The course's data: taxi trips, zones, boroughs, crimes.")

Folder = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="A folder with published files, CSV or Parquet: yellow or green trips of the TLC, Chicago's "
        "crimes.",
        show_default="generated samples",
        exists=True,
        file_okay=False,
        readable=True,
    ),
]


@app.callback(invoke_without_command=True)
def data(context: typer.Context, root: CourseRoot = None, local: Local = False) -> None:
    """List the loaded data of the course; `load` loads it."""
    if context.invoked_subcommand:
        context.obj = (root, local)
        return
    from mesh.workshop.data.course_data import build_course_data
    from mesh.workshop.data.load import data_status

    with _connect(root, local=local) as target:
        for line in data_status(target, build_course_data(), target.table):
            emit(line)


@app.command("load")
def load_data(
    context: typer.Context,
    root: CourseRoot = None,
    local: Local = False,
    folder: Folder = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="The seed for other samples.", show_default="the shared samples"),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace files that were changed, and recreate all tables."),
    ] = False,
) -> None:
    """Upload the files into the volumes and create the tables; running it again changes nothing.

    Each uploaded file is verified and recorded beside it in _manifest.json. After an interruption, run it
    again to load the rest.
    """
    from mesh.workshop.data.course_data import build_course_data
    from mesh.workshop.data.load import DataLoader
    from mesh.workshop.data.public_files import read_folder

    parent: tuple[Path | None, bool] = context.obj or (None, False)
    files = read_folder(folder) if folder else None
    # first: the samples take seconds, and a workspace may not answer
    with _connect(root or parent[0], local=local or parent[1]) as target:
        DataLoader(target, _progress_output(), force).load(build_course_data(seed, files))


def _connect(root: Path | None, *, local: bool) -> AbstractContextManager[WorkspaceTarget]:
    from mesh.workshop.data.workspace import connect_target
    from mesh.workshop.workshop_file import read_workshop

    folder = resolved(root)
    return connect_target(read_workshop(folder, local=local), folder)


def _progress_output() -> ProgressOutput:
    from mesh.workshop.data.progress_output import BarOutput, LineOutput

    if not sys.stdout.isatty():
        return LineOutput(lambda line: emit(line))
    from rich.console import Console

    return BarOutput(Console())
