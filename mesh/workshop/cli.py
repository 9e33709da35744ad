"""`mesh workshop`: a class of students from one roster."""

from __future__ import annotations

import json
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


@app.command()
def teardown(
    root: Root = None,
    local: Local = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would go, and what would stay and why.")
    ] = False,
    name: Annotated[
        str | None, typer.Option("--name", help="The workshop's name, so that nobody is asked for it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report on stdout, for scripts.")] = False,
) -> None:
    """Remove what the workshop made and what its students made, and nothing else.

    It is found by who made it and by what it says of itself. What is somebody else's stays, and is told.
    What could not be removed is told as well, and the exit code is 3: run it again.
    """
    from mesh.workshop.teardown_command import tear_down

    tear_down(root or Path.cwd(), local=local, dry_run=dry_run, name=name, as_json=as_json)


@app.command()
def cost(
    root: Root = None,
    duration: Annotated[str, typer.Option("--hours", help="How long the workshop takes.")] = "8",
    as_json: Annotated[bool, typer.Option("--json", help="Amounts as text, for scripts.")] = False,
) -> None:
    """Estimate what the workshop may cost, with the prices in course/prices.yml."""
    from rich.console import Console

    from mesh.workshop.cost import NOT_IN_IT, estimate, hours
    from mesh.workshop.prices import read_prices
    from mesh.workshop.workshop_file import read_workshop

    place, time = (root or Path.cwd()).resolve(), hours(duration)
    workshop = read_workshop(place)
    made = estimate(workshop, read_prices(place, workshop.warehouse.size), time)
    if as_json:
        print(json.dumps(made.as_json(), indent=2))
        return
    Console().print(made.as_table())
    print("not in it: " + "; ".join(NOT_IN_IT))
