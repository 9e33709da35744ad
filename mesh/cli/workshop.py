"""`mesh workshop`: a class of students in one workspace, from one roster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import (
    PARALLELISM,
    AutoApprove,
    CourseRoot,
    Local,
    Parallelism,
    Verbose,
    resolved,
)
from mesh.console import emit, render
from mesh.errors import UsageError

if TYPE_CHECKING:
    from mesh.workshop.deploy import Deployer

app = typer.Typer(
    help="A class of students in one workspace, from course/workshop.yml and its roster.",
    no_args_is_help=True,
)


@app.command()
def deploy(
    root: CourseRoot = None,
    local: Local = False,
    auto_approve: AutoApprove = False,
    verbose: Verbose = False,
) -> None:
    """Deploy the class that workshop.yml and the roster declare; running it again changes nothing.

    New students in the roster are added. Students that were removed from the roster are removed with their
    objects. Objects of other students are not changed.
    """
    _deployer(root, local=local, verbose=verbose).deploy(auto_approve=auto_approve)


@app.command()
def diff(root: CourseRoot = None, local: Local = False) -> None:
    """Show the changes that a deployment would make: one line for the class and one per student."""
    _deployer(root, local=local).diff()


@app.command()
def plan(
    out: Annotated[Path, typer.Option("--out", help="The folder for the plan file.")],
    root: CourseRoot = None,
    local: Local = False,
) -> None:
    """Plan the class and save the plan, for `mesh review`."""
    _deployer(root, local=local).plan(out)


@app.command()
def adopt(
    root: CourseRoot = None,
    local: Local = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list the objects and how they would change.")
    ] = False,
    auto_approve: AutoApprove = False,
) -> None:
    """Take existing objects of the class into its state, for example after the state was lost.

    Then deploy: the deployment sets grants, permissions, folders and memberships again.
    """
    from mesh.commands.adopt import adopt_workshop

    deployer = _deployer(root, local=local)
    adopt_workshop(deployer, deployer.progress, dry_run=dry_run, auto_approve=auto_approve)


@app.command()
def branches(
    root: CourseRoot = None,
    push: Annotated[bool, typer.Option("--push", help="Create missing branches.")] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete branches without commits of their own.")
    ] = False,
) -> None:
    """List, create or delete the students' branches in the repository.

    Existing branches are never moved. Branches with unmerged commits are never deleted.
    """
    from mesh.workshop.branches import Branches
    from mesh.workshop.workshop_file import read_workshop

    if push and delete:
        raise UsageError("use --push or --delete, not both")
    folder = resolved(root)
    branches = Branches(read_workshop(folder), folder)
    if push:
        created = branches.push()
        for branch in created:
            emit(f"created {branch.student.branch}  {branch.student.email}")
        emit(f"{len(created)} created, {len(branches.workshop.students) - len(created)} existed")
    elif delete:
        deleted, kept = branches.delete()
        for branch in deleted:
            emit(f"deleted {branch.student.branch}  {branch.student.email}")
        for branch in kept:
            emit(f"kept {branch}")
        emit(f"{len(deleted)} deleted, {len(kept)} kept")
    else:
        for branch in branches.read():
            emit(str(branch))


@app.command()
def teardown(
    root: CourseRoot = None,
    local: Local = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list the objects to remove and to keep, with reasons.")
    ] = False,
    name: Annotated[
        str | None, typer.Option("--name", help="The workshop's name, as confirmation without a question.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report to stdout, for scripts.")] = False,
    parallelism: Parallelism = PARALLELISM,
) -> None:
    """Remove the objects that the workshop and its students created, and no others.

    Objects are matched by their creator and their properties. Objects of other people stay and are reported.
    Exit code 3 if an object could not be removed: run it again.
    """
    from mesh.workshop.teardown.command import tear_down

    tear_down(
        resolved(root),
        local=local,
        dry_run=dry_run,
        name=name,
        as_json=as_json,
        parallelism=parallelism,
    )


@app.command()
def cost(
    root: CourseRoot = None,
    duration: Annotated[str, typer.Option("--hours", help="The duration of the workshop in hours.")] = "8",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an object with amounts as text, for scripts.")
    ] = False,
) -> None:
    """Estimate the cost of the workshop with the prices in course/prices.yml."""
    from mesh.workshop.cost import NOT_INCLUDED, estimate, parse_hours
    from mesh.workshop.prices import read_prices
    from mesh.workshop.workshop_file import read_workshop

    folder, hours = resolved(root), parse_hours(duration)
    workshop = read_workshop(folder)
    result = estimate(workshop, read_prices(folder, workshop.warehouse.size), hours)
    if as_json:
        emit(json.dumps(result.as_json(), indent=2))
        return
    render(result.as_table())
    emit("not included: " + "; ".join(NOT_INCLUDED))


def _deployer(root: Path | None, *, local: bool, verbose: bool = False) -> Deployer:
    from mesh.terraform.progress import choose_progress
    from mesh.workshop.deploy import Deployer
    from mesh.workshop.workshop_file import read_workshop

    folder = resolved(root)
    return Deployer(read_workshop(folder, local=local), folder, choose_progress(verbose=verbose))
