"""The command `mesh`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.course import app as course_app
from mesh.cli.deploy import app as deploy_app
from mesh.cli.local import app as local_app
from mesh.cli.options import Approved, Env, Policy, PullRequest, Root
from mesh.cli.workshop import app as workshop_app
from mesh.cli.workshop_data import app as data_app
from mesh.cli.workshop_status import app as status_app
from mesh.commands import schema as json_schema
from mesh.commands.new import Kind, scaffold, write
from mesh.commands.schema import FOLDER, File
from mesh.console import POLICY_REFUSES, diagnostic, emit, findings_json, reported
from mesh.errors import UsageError
from mesh.load import load
from mesh.review.formats.format import Format

if TYPE_CHECKING:
    from rich.tree import Tree

app = typer.Typer(
    name="mesh",
    help="A data mesh on Databricks, written as folders, deployed as Terraform.\n\n"
    "Exit codes: 0 fine, 1 the mesh has errors, 2 wrong usage, 3 the world outside failed "
    "(workspace, git, Terraform), 4 a review is refused, 5 something was changed by hand.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(deploy_app)
app.add_typer(local_app, name="local")
workshop_app.add_typer(data_app, name="data")
workshop_app.add_typer(status_app)
app.add_typer(workshop_app, name="workshop")
app.add_typer(course_app, name="course")


@app.command("ls")
def list_flows(
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[bool, typer.Option("--json", help="A list of flows, for scripts.")] = False,
) -> None:
    """Show the mesh, with the names that each flow gets in an environment."""
    from mesh.commands import ls

    deployed = load(root).in_environment(env, looking=True)
    if as_json:
        emit(json.dumps(ls.as_json(deployed), indent=2, ensure_ascii=False))
        return
    _print_trees(ls.as_trees(deployed))


@app.command()
def show(
    path: Annotated[
        str, typer.Argument(help="A flow or project, as `mesh ls` says it; levels above may be left out.")
    ],
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[
        bool, typer.Option("--json", help="Every value with where it is from, for scripts.")
    ] = False,
) -> None:
    """Show what one flow or project becomes in an environment, and where each value comes from."""
    from mesh.commands.show import fact_tree
    from mesh.commands.show.show import show as shown

    mesh = load(root)
    found = shown(mesh, mesh.in_environment(env, looking=True), path)
    if as_json:
        emit(json.dumps(fact_tree.as_json(found), indent=2, ensure_ascii=False))
    else:
        _print_trees([fact_tree.as_tree(found)])


@app.command()
def graph(
    path: Annotated[
        str | None,
        typer.Argument(
            help="An org, domain or project, or a flow for its tasks; levels above may be left out.",
            show_default="the whole mesh",
        ),
    ] = None,
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Nodes and edges, for scripts.")] = False,
) -> None:
    """Draw the mesh, or a part of it, with who reads whose data: text for mermaid.

    Whatever shows mermaid shows it: the platforms that host git repositories, or Markdown in an editor.
    """
    from mesh.commands import graph
    from mesh.commands.graph import as_json as nodes_and_edges
    from mesh.commands.graph import graph as drawn

    mesh = load(root)
    found = drawn(mesh, mesh.in_environment(env, looking=True), path)
    if as_json:
        emit(json.dumps(nodes_and_edges(found), indent=2, ensure_ascii=False))
        return
    text = graph.mermaid(found)
    emit(text, end="")
    if len(text) > graph.LONGEST:
        hint = "raise its `maxTextSize`, or write the path of a part of the mesh"
        diagnostic(f"note: mermaid draws {graph.LONGEST} characters, and this is longer ({hint})")


@app.command()
def validate(
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[
        bool, typer.Option("--json", help="A list of findings, for scripts; docs/findings.md explains codes.")
    ] = False,
) -> None:
    """Check all files of the mesh, and the names that they get in an environment."""
    with reported(as_json=as_json):
        deployed = load(root).in_environment(env, looking=True)
    if as_json:
        emit(findings_json([]))
        return
    flows = sum(len(one.flows) for one in deployed.deployments)
    projects = len(deployed.deployments)
    emit(f"{_counted(projects, 'project')}, {_counted(flows, 'flow')}: no errors in {env}")


@app.command()
def affected(
    base: Annotated[str, typer.Option("--base", help="The commit to compare with: a branch, an id, HEAD~1.")],
    root: Root = None,
    env: Annotated[
        list[str] | None,
        typer.Option(
            "--env",
            help="An environment; say it again for more.",
            show_default="all but those on this machine",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="On one line, with a matrix for GitHub Actions, for scripts.")
    ] = False,
) -> None:
    """List the stacks whose Terraform code is not the same as at another commit, and why.

    It compares with the working tree; code that jobs take from git counts once it is committed.
    """
    from mesh.commands import affected
    from mesh.commands import affected as comparison

    found = comparison.affected(load(root), base, env or ())
    if as_json:
        emit(json.dumps(comparison.as_json(found)))
    else:
        _print_trees(affected.as_trees(found))


@app.command()
def new(
    kind: Annotated[Kind, typer.Argument(help="What to make.")],
    path: Annotated[
        str, typer.Argument(help="Where, as `mesh ls` says it: <org>/<domain>/<project>/<flowtype>/<flow>.")
    ],
    root: Root = None,
    owner: Annotated[str | None, typer.Option(help="The group that owns it.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
) -> None:
    """Make the files that a new org, domain, project or flow begins with; nothing is overwritten."""
    place = (root or Path.cwd()).resolve()
    made = scaffold(kind, path, place, owner=owner, description=description)
    write(made, place)
    for file in made.files:
        emit(f"made {file}")
    for file in made.left:
        emit(f"left {file}, which is there already")
    emit(f"next: {made.next}")


@app.command()
def schema(
    file: Annotated[File | None, typer.Argument(help="The YAML file that is described.")] = None,
    write_all: Annotated[
        bool, typer.Option("--write", help=f"Write all of them anew, into {FOLDER}/ below the root.")
    ] = False,
    root: Root = None,
) -> None:
    """Print the JSON Schema of a YAML file of the mesh, for editors."""
    if write_all == (file is not None):
        raise UsageError(f"say one of {', '.join(File)}, or --write for all of them")
    if file is not None:
        emit(json_schema.text(file), end="")
        return
    for written in json_schema.write((root or Path.cwd()).resolve()):
        emit(f"wrote {written}")


@app.command()
def review(
    plans: Annotated[
        list[Path],
        typer.Argument(
            metavar="PLAN...",
            help="What `mesh plan` wrote: <stack>.json, <stack>.err, or their folder.",
        ),
    ],
    root: Root = None,
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option(help="A folder to write into: review.*, or comment-1.md and so on.")
    ] = None,
    policy: Policy = None,
    approved: Approved = None,
    pull_request: PullRequest = None,
    look: Annotated[
        bool,
        typer.Option(
            "--look", help="Look into the workspaces, too: what would be lost, and rights of no state."
        ),
    ] = False,
) -> None:
    """Say in the words of the mesh what Terraform plans do: data, access, runs, compute.

    Exits with 4 where the policy refuses: when data is lost, everybody gains rights, and so on.
    """
    from mesh.commands import review

    made = review.reviewed(plans, root, policy, approved or (), pull_request, into_workspaces=look)
    review.tell(made, format, output)
    if made.refused:
        sys.exit(POLICY_REFUSES)


def _print_trees(trees: Iterable[Tree]) -> None:
    """Names are what people copy from them, so they are never cut: folded on a terminal, whole in a pipe."""
    from rich.console import Console

    from mesh.console import WIDEST

    console = Console() if sys.stdout.isatty() else Console(width=WIDEST)
    for tree in trees:
        console.print(tree)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def main() -> None:
    """Run the command line; what goes wrong is printed once, and becomes the exit code."""
    with reported():
        app(standalone_mode=True)
    sys.exit(0)
