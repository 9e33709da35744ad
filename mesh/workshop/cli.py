"""`mesh workshop`: a class of students from one roster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="A class of students in one workspace, from course/workshop.yml and its roster.",
    no_args_is_help=True,
)

Root = Annotated[
    Path | None,
    typer.Option(
        "--root", envvar="MESH_ROOT", help="The repository that holds course/.", show_default="current folder"
    ),
]
Local = Annotated[bool, typer.Option("--local", help="Rehearse it in the workspace on this machine.")]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask before changing anything.")]
