"""The command `mesh test`."""

from __future__ import annotations

from typing import Annotated

import typer

from mesh.cli.options import Root, resolved
from mesh.errors import UsageError

app = typer.Typer()


@app.command("test")
def run(
    flow: Annotated[
        str | None,
        typer.Argument(
            help="The flow's path, such as transport/taxinyc/prep/revenue.",
            show_default="all flows that have tests",
        ),
    ] = None,
    root: Root = None,
    select: Annotated[
        str | None,
        typer.Option("-k", metavar="EXPRESSION", help="Only tests whose names match, as in pytest."),
    ] = None,
    first: Annotated[bool, typer.Option("-x", help="Stop at the first failure.")] = False,
) -> None:
    """Run the tests of a flow on the Spark of the local workspace.

    They are in its folder tests/. Each test writes to a schema of its own, which is dropped afterwards. Exit
    code 1 if a test fails.
    """
    from local.connection import connection_variables
    from local.flow_tests.run import NO_TESTS, run_tests
    from local.home import Home, running_status
    from mesh.commands.flow_tests import flow_tests
    from mesh.load import load

    folder = resolved(root)
    mesh = load(root)
    found = flow_tests(mesh, mesh.in_environment("local", looking=True), flow)
    connection = connection_variables(running_status(Home(folder)), Home(folder))
    options = [*(["-k", select] if select else []), *(["-x"] if first else [])]
    code = run_tests(found, connection, options)
    if code == NO_TESTS:
        raise UsageError(
            f"no test matches -k {select}" if select else "the folder tests/ holds no test functions"
        )
    if code:
        raise typer.Exit(1)
