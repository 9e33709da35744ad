"""The commands of `mesh`."""

from __future__ import annotations

import atexit
import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from mesh.cli.contracts import app as contracts_app
from mesh.cli.course import app as course_app
from mesh.cli.deploy import app as deploy_app
from mesh.cli.examples import PANELS, arrange
from mesh.cli.flow_tests import app as flow_tests_app
from mesh.cli.imports import app as import_app
from mesh.cli.lineage import app as lineage_app
from mesh.cli.local import app as local_app
from mesh.cli.map import app as map_app
from mesh.cli.options import (
    Approved,
    ContractBase,
    Env,
    OwnRules,
    Policy,
    PullRequest,
    Root,
    resolved,
)
from mesh.cli.quality import app as quality_app
from mesh.cli.workshop import app as workshop_app
from mesh.cli.workshop_data import app as data_app
from mesh.cli.workshop_status import app as status_app
from mesh.commands.choices import ScaffoldLevel, SchemaFile
from mesh.console import POLICY_REFUSES, diagnostic, emit, findings_json, render, report_errors, visible
from mesh.errors import UsageError
from mesh.review.formats.format import Format


class _InPanels(typer.core.TyperGroup):
    """Lists the commands in the order of their groups."""

    def list_commands(self, context: Any) -> list[str]:
        """The names of the commands."""
        names = super().list_commands(context)
        ordered = [name for listed in PANELS.values() for name in listed if name in names]
        return [*ordered, *(name for name in names if name not in ordered)]


app = typer.Typer(
    name="mesh",
    help="A data mesh on Databricks, written as folders, deployed as Terraform.\n\n"
    "Exit codes: 0 success, 1 errors in the mesh, 2 wrong usage, 3 a failure outside the mesh "
    "(workspace, git, Terraform), 4 the policy refuses, 5 changes by hand.",
    no_args_is_help=True,
    cls=_InPanels,
    pretty_exceptions_enable=False,
)
app.add_typer(deploy_app)
app.add_typer(import_app, name="import")
app.add_typer(lineage_app)
app.add_typer(map_app)
app.add_typer(flow_tests_app)
app.add_typer(contracts_app)
app.add_typer(quality_app)
app.add_typer(local_app, name="local")
workshop_app.add_typer(data_app, name="data")
workshop_app.add_typer(status_app)
app.add_typer(workshop_app, name="workshop")
app.add_typer(course_app, name="course")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        emit(f"mesh {version('databricks-datamesh')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Handle the options of `mesh` itself."""


@app.command("ls")
def list_flows(
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of flows, for scripts.")] = False,
    schedule: Annotated[
        bool, typer.Option("--schedule", help="List the scheduled runs of the next seven days instead.")
    ] = False,
) -> None:
    """Show the mesh and the names that its flows get in an environment."""
    from mesh.commands import ls, timetable
    from mesh.load import load
    from mesh.quartz.now import now

    deployed = load(root).in_environment(env, looking=True)
    if schedule:
        moment = now()
        runs = timetable.timetable(deployed, moment)
        if as_json:
            emit(json.dumps(timetable.as_json(runs), indent=2, ensure_ascii=False))
        else:
            render(*timetable.as_trees(runs, deployed.name, moment))
    elif as_json:
        emit(json.dumps(ls.as_json(deployed), indent=2, ensure_ascii=False))
    else:
        render(*ls.as_trees(deployed))


@app.command()
def show(
    path: Annotated[
        str,
        typer.Argument(help="A flow or project, as `mesh ls` prints it; leading levels may be omitted."),
    ],
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every value with its origin, for scripts.")
    ] = False,
) -> None:
    """Show the deployed settings of a flow or project, and the origin of each value."""
    from mesh.commands.show import fact_tree
    from mesh.commands.show.show import show
    from mesh.load import load

    mesh = load(root)
    facts = show(mesh, mesh.in_environment(env, looking=True), path)
    if as_json:
        emit(json.dumps(fact_tree.as_json(facts), indent=2, ensure_ascii=False))
    else:
        render(fact_tree.as_tree(facts))


@app.command()
def graph(
    path: Annotated[
        str | None,
        typer.Argument(
            help="An org, domain or project, or a flow for its tasks; leading levels may be omitted.",
            show_default="the whole mesh",
        ),
    ] = None,
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Print nodes and edges, for scripts.")] = False,
) -> None:
    """Print a mermaid diagram of the mesh or of a level: who reads whose data.

    Git platforms and Markdown editors show mermaid diagrams.
    """
    from mesh.commands import graph
    from mesh.load import load

    mesh = load(root)
    diagram = graph.graph(mesh, mesh.in_environment(env, looking=True), path)
    if as_json:
        emit(json.dumps(graph.as_json(diagram), indent=2, ensure_ascii=False))
        return
    text = graph.mermaid(diagram)
    emit(text, end="")
    if len(text) > graph.LONGEST:
        hint = "raise its `maxTextSize`, or name a smaller level of the mesh"
        diagnostic(f"Note: the diagram is longer than mermaid's limit of {graph.LONGEST} characters ({hint})")


@app.command()
def validate(
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print a list of findings, for scripts; docs/findings.md explains the codes."
        ),
    ] = False,
    own_rules: OwnRules = False,
) -> None:
    """Check all files of the mesh, the names that they get in an environment, and the rules of the orgs."""
    from mesh.commands.validate import validation
    from mesh.errors import MeshError
    from mesh.load import load
    from mesh.quartz.now import now
    from mesh.review.sentence import counted

    with report_errors(as_json=as_json):
        mesh = load(root)
        deployed = mesh.in_environment(env, looking=True)
        checked = validation(mesh, deployed, now(), run_own=own_rules)
        if checked.errors and as_json:
            raise MeshError(list(checked.findings))
    if as_json:
        emit(findings_json(checked.findings))
        return
    found = checked.warnings
    for warning in found:
        diagnostic(visible(str(warning)))
    if checked.not_run:
        rules = counted(len(checked.not_run), "own rule")
        diagnostic(f"Note: {rules} of the orgs did not run (--own-rules runs this code of the repository)")
    if checked.errors:
        raise MeshError(checked.errors)
    flows = sum(len(one.flows) for one in deployed.deployments)
    projects = len(deployed.deployments)
    told = f", {counted(len(found), 'warning')}" if found else ""
    emit(f"{counted(projects, 'project')}, {counted(flows, 'flow')}: no errors in {env}{told}")


@app.command()
def affected(
    base: Annotated[
        str, typer.Option("--base", help="The commit to compare with: a branch, a hash or HEAD~1.")
    ],
    root: Root = None,
    env: Annotated[
        list[str] | None,
        typer.Option(
            "--env",
            help="An environment; may be repeated.",
            show_default="all environments that are not on this machine",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line with a matrix for GitHub Actions, for scripts.")
    ] = False,
) -> None:
    """List the stacks whose Terraform code differs from another commit, and why.

    Compares the working tree; code that jobs take from git counts after it is committed.
    """
    from mesh.commands import affected
    from mesh.load import load

    result = affected.affected(load(root), base, env or ())
    if as_json:
        emit(json.dumps(affected.as_json(result)))
    else:
        render(*affected.as_trees(result))


@app.command()
def new(
    kind: Annotated[ScaffoldLevel, typer.Argument(help="The level to create.")],
    path: Annotated[
        str,
        typer.Argument(help="Its path, as `mesh ls` prints it: <org>/<domain>/<project>/<flowtype>/<flow>."),
    ],
    root: Root = None,
    owner: Annotated[str | None, typer.Option(help="The group that owns it.")] = None,
    description: Annotated[str | None, typer.Option(help="Its purpose.")] = None,
) -> None:
    """Create the first files of an org, domain, project or flow; no file is overwritten."""
    from mesh.commands.new import scaffold, write_scaffold

    folder = resolved(root)
    files = scaffold(kind, path, folder, owner=owner, description=description)
    write_scaffold(files, folder)
    for file in files.files:
        emit(f"created {file}")
    for file in files.existing:
        emit(f"kept {file}, which exists already")
    emit(f"next: {files.next}")


@app.command()
def schema(
    file: Annotated[SchemaFile | None, typer.Argument(help="The kind of YAML file.")] = None,
    write_all: Annotated[
        bool, typer.Option("--write", help="Write all schemas into json-schema/ below the root.")
    ] = False,
    root: Root = None,
) -> None:
    """Print the JSON Schema of a YAML file of the mesh, for editors."""
    from mesh.commands.schema import schema_text, write_schemas

    if write_all == (file is not None):
        raise UsageError(f"name one of {', '.join(SchemaFile)}, or use --write for all of them")
    if file is not None:
        emit(schema_text(file), end="")
        return
    for path in write_schemas(resolved(root)):
        emit(f"wrote {path}")


@app.command()
def review(
    plans: Annotated[
        list[Path],
        typer.Argument(
            metavar="PLAN...",
            help="Files of `mesh plan` (<stack>.json, <stack>.err), or their folder.",
        ),
    ],
    root: Root = None,
    format: Annotated[Format, typer.Option("--format", help="The format of the report.")] = Format.TABLE,
    output: Annotated[
        Path | None,
        typer.Option(help="A folder for the report: review.*, or comment-1.md, comment-2.md, …"),
    ] = None,
    policy: Policy = None,
    approved: Approved = None,
    pull_request: PullRequest = None,
    look: Annotated[
        bool,
        typer.Option(
            "--look", help="Also read the workspaces: data that would be lost, and grants outside the states."
        ),
    ] = False,
    base: ContractBase = None,
    own_rules: OwnRules = False,
) -> None:
    """Review Terraform plans in the terms of the mesh: data, access, runs, compute.

    Exit code 4 if the policy refuses, for example if data is lost or everybody gains rights.
    """
    from mesh.commands.review import output_report, review_plans

    report = review_plans(
        plans,
        root,
        policy,
        approved or (),
        pull_request,
        into_workspaces=look,
        base=base,
        own_rules=own_rules,
    )
    output_report(report, format, output)
    if report.refused:
        sys.exit(POLICY_REFUSES)


arrange(app)


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs a command; prints an error once and exits with its code.

    Args:
        arguments: the words after `mesh`; None takes the arguments of this process.
    """
    atexit.register(gc.freeze)  # or the end of the process would look at all objects of the mesh once more
    with report_errors():
        app(arguments, standalone_mode=True)
    sys.exit(0)
