"""The command `mesh lineage`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mesh.cli.options import Env, Root
from mesh.console import diagnostic, emit, render

app = typer.Typer()


@app.command("lineage")
def show(
    target: Annotated[
        str | None,
        typer.Argument(
            help="A flow, table or column, such as prep/revenue, prep/revenue/daily or daily.amount; "
            "leading levels may be omitted.",
            show_default="all flows",
        ),
    ] = None,
    up: Annotated[bool, typer.Option("--up", help="Only where it comes from.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only what depends on it.")] = False,
    root: Root = None,
    env: Env = "local",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print names, lines of code and branches, for scripts.")
    ] = False,
    openlineage: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write the lineage of all flows as events of OpenLineage, one a line."
        ),
    ] = None,
) -> None:
    """Show which tables and columns the code of flows reads and writes, with file and line.

    Reads the notebooks, Python and SQL files; nothing runs. What the code does not tell is listed.
    """
    from mesh.commands import lineage
    from mesh.lineage.lineage import mesh_lineage
    from mesh.load import load
    from mesh.quartz.now import now
    from mesh.review.sentence import counted

    deployed = load(root).in_environment(env, looking=True)
    whole = mesh_lineage(deployed)
    addresses = lineage.addresses_of(deployed, whole)
    if target is None:
        if as_json:
            emit(json.dumps(lineage.overview_json(whole, addresses), indent=2, ensure_ascii=False))
        else:
            render(*lineage.overview(whole, addresses))
    else:
        found = lineage.report(addresses, env, target, lineage.directions(up=up, down=down))
        if as_json:
            emit(json.dumps(lineage.as_json(found), indent=2, ensure_ascii=False))
        else:
            render(lineage.as_tree(found))
    if openlineage:
        count = lineage.write_events(deployed, whole, openlineage, now())
        diagnostic(f"wrote {counted(count, 'event')} to {openlineage}")
