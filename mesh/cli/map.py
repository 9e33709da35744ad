"""The command `mesh map`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesh.cli.options import Env, Root
from mesh.console import emit

app = typer.Typer()


@app.command("map")
def write(
    path: Annotated[
        str | None,
        typer.Argument(
            help="An org, domain or project; leading levels may be omitted.",
            show_default="the whole mesh",
        ),
    ] = None,
    root: Root = None,
    env: Env = "local",
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page for a browser, with search; - is stdout."),
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Write a picture for documentation; - is stdout."),
    ] = None,
    live: Annotated[
        Path | None,
        typer.Option("--live", metavar="FILE", help="Add runs, costs and tables from this JSON; - is stdin."),
    ] = None,
    fold: Annotated[
        bool | None,
        typer.Option("--fold/--unfold", help="Fold the domains.", show_default="fold more than 100 flows"),
    ] = None,
) -> None:
    """Draw the mesh: domains, flows, schedules, owners, who reads whose data, and who may read it.

    The page and the picture are single files that load nothing.
    """
    from mesh.commands.map.command import STDOUT, missing, write_map
    from mesh.commands.map.live import NOTHING, read_live
    from mesh.load import load

    mesh, told = load(root), read_live(live) if live else NOTHING
    deployed = mesh.in_environment(env, looking=True)
    for file in write_map(mesh, deployed, path, html, svg, fold=fold, live=told):
        emit(f"wrote {file}")
    if html not in (None, STDOUT) and live is None:
        emit(missing(deployed))
