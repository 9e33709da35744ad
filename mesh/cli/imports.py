"""`mesh import`: takes over what other tools declare."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mesh.cli.options import Root, resolved
from mesh.console import diagnostic, emit, report_errors, visible

app = typer.Typer(help="Write flows from the files of other tools.", no_args_is_help=True)


@app.callback()
def imports() -> None:
    """Write flows from the files of other tools."""


@app.command("bundle")
def import_bundle(
    path: Annotated[Path, typer.Argument(help="The folder of the bundle, or its databricks.yml.")],
    root: Root = None,
    into: Annotated[
        str | None,
        typer.Option(
            metavar="ORG/DOMAIN/PROJECT",
            help="The project, which may be new.",
            show_default="a project with the bundle's name, if the mesh has one domain",
        ),
    ] = None,
    flowtype: Annotated[str, typer.Option(help="The folder of the flows below flows/.")] = "prep",
    target: Annotated[
        str | None,
        typer.Option(
            help="The target whose values hold where no environment differs.",
            show_default="the default target of the bundle",
        ),
    ] = None,
    var: Annotated[
        list[str] | None,
        typer.Option("--var", metavar="NAME=VALUE", help="A variable of the bundle; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and list the files, without writing them.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print files and findings as one JSON object, for scripts.")
    ] = False,
) -> None:
    """Write the jobs and pipelines of a Databricks bundle as flows, with their files.

    What cannot be taken is listed with file and line. No file is overwritten, and with an error no file is
    written.
    """
    from mesh.commands.import_bundle.import_bundle import import_bundle
    from mesh.commands.new_files import write_new_files

    variables = dict(_named_value(each) for each in var or [])
    folder = resolved(root)
    with report_errors(as_json=as_json):
        made = import_bundle(path, folder, into, target=target, variables=variables, flowtype=flowtype)
    if not dry_run:
        write_new_files(made.files, folder)
    if as_json:
        emit(json.dumps({**made.as_json(), "written": not dry_run}, indent=2))
        return
    for file in made.files:
        emit(f"{'would create' if dry_run else 'created'} {file}")
    for file in made.kept:
        emit(f"kept {file}, which exists already")
    for remark in made.remarks:
        diagnostic(visible(str(remark)))
    emit(f"next: {made.next}")


def _named_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"`{text}` is not NAME=VALUE", param_hint="--var")
    return name, value
