"""`mesh workshop`: a class of students from one roster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import AutoApprove
from mesh.console import emit

if TYPE_CHECKING:
    from mesh.workshop.deploy import Deployer

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


@app.command()
def deploy(root: Root = None, local: Local = False, auto_approve: AutoApprove = False) -> None:
    """Make the class as workshop.yml and the roster declare it; once more changes nothing.

    Who is new in the roster is added, and who left it is removed with what was theirs; nothing of the others
    is touched.
    """
    _deployer(root, local=local).deploy(auto_approve=auto_approve)


@app.command()
def diff(root: Root = None, local: Local = False) -> None:
    """Show what a deployment would change: a line for the class, and one for each student."""
    _deployer(root, local=local).diff()


@app.command()
def plan(
    out: Annotated[Path, typer.Option("--out", help="The folder for the file.")],
    root: Root = None,
    local: Local = False,
) -> None:
    """Plan the class and keep the plan, as `terraform show -json` tells it, for `mesh review`."""
    _deployer(root, local=local).plan(out)


@app.command()
def branches(
    root: Root = None,
    push: Annotated[bool, typer.Option("--push", help="Make those that are not there.")] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete those that have no commits of their own.")
    ] = False,
) -> None:
    """List the students' branches in the repository, make them or delete them.

    One that is there is never moved, and one that somebody has committed to is never deleted, unless it is
    merged.
    """
    from mesh.errors import UsageError
    from mesh.workshop.branches import Branches
    from mesh.workshop.workshop_file import read_workshop

    if push and delete:
        raise UsageError("say --push or --delete")
    place = (root or Path.cwd()).resolve()
    found = Branches(read_workshop(place), place)
    if push:
        made = found.push()
        for one in made:
            emit(f"made {one.student.branch}  {one.student.email}")
        emit(f"{len(made)} made, {len(found.workshop.students) - len(made)} were there")
    elif delete:
        gone, kept = found.delete()
        for one in gone:
            emit(f"deleted {one.student.branch}  {one.student.email}")
        for one in kept:
            emit(f"kept {one}")
        emit(f"{len(gone)} deleted, {len(kept)} kept")
    else:
        for one in found.look():
            emit(str(one))


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
    from mesh.workshop.teardown.command import tear_down

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
        emit(json.dumps(made.as_json(), indent=2))
        return
    Console().print(made.as_table())
    emit("not in it: " + "; ".join(NOT_IN_IT))


def _deployer(root: Path | None, *, local: bool) -> Deployer:
    from mesh.workshop.deploy import Deployer
    from mesh.workshop.workshop_file import read_workshop

    place = (root or Path.cwd()).resolve()
    return Deployer(read_workshop(place, local=local), place)
