"""`mesh local run`, `repair` and `logs`: runs of flows on the local workspace, and what they printed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import Root, interruptible, named_values, resolved
from mesh.console import RUN_FAILED

if TYPE_CHECKING:
    from local.run_display import Display
    from mesh.deployment.deployment import Deployment

app = typer.Typer()

LocalEnv = Annotated[str, typer.Option("--env", help="An environment with `workspace: local`.")]
Output = Annotated[
    bool, typer.Option("--output", "-o", help="Show all that tasks print, also of tasks that succeed.")
]


@app.command()
def run(
    flow: Annotated[
        str,
        typer.Argument(help="The flow's path, such as prep/revenue; the whole path if that is ambiguous."),
    ],
    root: Root = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A job parameter; may be repeated."),
    ] = None,
    env: LocalEnv = "local",
    output: Output = False,
) -> None:
    """Run a deployed flow's job or pipeline, with the files of the checkout, and follow it.

    Files that changed since the deployment are put into the workspace first; changed settings need
    `mesh deploy`. Exit code 0 if the run succeeds, 1 if it fails. Ctrl-C cancels it with exit code 130.

    Example: mesh local run prep/peaks --param dear=75 --output
    """
    from local.client import Client
    from local.home import Home
    from mesh.commands.local_run.flow_run import FlowRunner, RunOptions, require_local, select
    from mesh.load import load

    options = RunOptions(named_values(param))
    root = resolved(root)
    deployed = load(root).in_environment(env)
    require_local(deployed)
    selected = select(deployed, flow, options)
    with interruptible(), Client(Home(root)) as client:
        runner = FlowRunner(root, client, display(root, selected.deployment, output))
        runner.bring_files(selected)
        succeeded = all(result.succeeded for _, result in runner.run(selected, options))
    if not succeeded:
        raise typer.Exit(RUN_FAILED)


def display(root: Path, deployment: "Deployment", output: bool) -> "Display":
    """What shows runs: on stdout, with the names of files of the checkout."""
    from rich.console import Console

    from local.run_display import Display

    return Display(Console(), output)
