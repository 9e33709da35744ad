"""The command `mesh quality`."""

from __future__ import annotations

from typing import Annotated

import typer

from mesh.cli.options import Root
from mesh.console import emit

app = typer.Typer()


@app.command("quality")
def print_quality(
    flow: Annotated[str, typer.Argument(help="The flow, such as prep/revenue.", show_default=False)],
    root: Root = None,
    table: Annotated[
        str | None, typer.Option("--table", help="The table, if quality.yml has several.", show_default=False)
    ] = None,
) -> None:
    """Print the rules of a flow's quality.yml as checks for databricks-labs-dqx, in YAML.

    The job of the flow verifies the same rules without dqx, after its tasks.
    """
    from mesh.commands.quality import quality_checks
    from mesh.load import load

    emit(quality_checks(load(root), flow, table))
