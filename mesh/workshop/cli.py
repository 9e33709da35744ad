"""`mesh workshop`: a class of students from one roster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask before changing anything.")]


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
            print(f"made {one.student.branch}  {one.student.email}")
        print(f"{len(made)} made, {len(found.workshop.students) - len(made)} were there")
    elif delete:
        gone, kept = found.delete()
        for one in gone:
            print(f"deleted {one.student.branch}  {one.student.email}")
        for one in kept:
            print(f"kept {one}")
        print(f"{len(gone)} deleted, {len(kept)} kept")
    else:
        for one in found.look():
            print(one)


def _deployer(root: Path | None, *, local: bool) -> Deployer:
    from mesh.workshop.deploy import Deployer
    from mesh.workshop.workshop_file import read_workshop

    place = (root or Path.cwd()).resolve()
    return Deployer(read_workshop(place, local=local), place)
