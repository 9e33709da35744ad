"""`mesh local`: a Databricks workspace on this machine, for development without an account."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from mesh.cli.local_data import app as data_app
from mesh.cli.local_run import app as run_app
from mesh.cli.options import AutoApprove, Root, interruptible, named_values, resolved
from mesh.console import RUN_FAILED, confirm, diagnostic, emit, render, require_terminal

if TYPE_CHECKING:
    from local.components import Component
    from local.home import Home

app = typer.Typer(
    name="local",
    help="A Databricks workspace on this machine: start it, run flows, query tables with SQL.",
    no_args_is_help=True,
)

T = TypeVar("T")


class RowFormat(StrEnum):
    """The formats of rows."""

    table = "table"
    json = "json"
    csv = "csv"


app.add_typer(data_app, name="data")
app.add_typer(run_app)


@app.command()
def up(
    root: Root = None,
    mlflow: Annotated[
        bool, typer.Option("--mlflow", help="Start an MLflow tracking server, too; installs it once.")
    ] = False,
) -> None:
    """Start the workspace and Spark, and wait until they answer.

    Takes about 15 seconds; running processes are not restarted. The workspace treats every caller as one
    user: MESH_USER, or git's e-mail, at the last call of this command.
    """
    from local import supervisor

    with interruptible():
        status, started = _with_progress(lambda report: supervisor.up(_home(root), report))
    emit(f"{'up' if started else 'already up'}: workspace {status.url}, Spark {status.spark_address}")
    if mlflow:
        from local.mlflow import server

        with interruptible():
            url = _with_progress(lambda report: server.up(_home(root), server.Environment(), report))
        emit(f"MLflow {url}, for notebooks that start from now on")
    if started:
        emit("`mesh local open` prints the address for the browser, `mesh local down` stops it.")


@app.command()
def down(root: Root = None) -> None:
    """Stop the workspace and Spark; their data stays on disk."""
    from local import supervisor

    stopped = _with_progress(lambda report: supervisor.down(_home(root), report))
    emit("down" if stopped else "already down")


@app.command()
def reset(root: Root = None, auto_approve: AutoApprove = False) -> None:
    """Stop the workspace and Spark, and delete everything that is in them: objects, tables, files, runs.

    The mesh itself stays. The next `mesh local up` starts with an empty workspace; `mesh local data load` and
    `mesh deploy` fill it again.
    """
    from local import supervisor

    home = _home(root)
    require_terminal(auto_approve, "mesh local status")
    if auto_approve or confirm(f"Delete the whole local workspace of {home.root}?"):
        emit("reset" if _with_progress(lambda report: supervisor.reset(home, report)) else "already empty")


@app.command()
def status(
    root: Root = None,
    json: Annotated[bool, typer.Option("--json", help="Print an object, for scripts.")] = False,
) -> None:
    """Show workspace, Spark and MLflow with address and memory, and how to start what is down.

    Exit code 0 if workspace and Spark are up, 3 otherwise. MLflow is optional: that it was not started is no
    error, that it has ended is one.
    """
    from local.components import are_up, components, not_running

    home = _home(root)
    found = components(home)
    if json:
        _print_json(found, are_up(found))
    else:
        _print_table(found)
        for sentence in not_running(home, found):
            emit(sentence)
    if not are_up(found):
        raise typer.Exit(3)


@app.command()
def notebook(
    file: Annotated[
        Path, typer.Argument(help="The notebook file in the checkout.", exists=True, dir_okay=False)
    ],
    root: Root = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A value for a widget; may be repeated."),
    ] = None,
) -> None:
    """Run one notebook of the checkout without deploying it. Exit code 0 if it succeeds, 1 if it fails.

    The notebook runs in its own folder, as in a Git folder of a workspace. Set --param to choose where it
    writes.
    """
    from local.notebook_by_hand import run_notebook

    with interruptible():
        succeeded = run_notebook(_home(root), file, named_values(param), typer.echo)
    if not succeeded:
        raise typer.Exit(RUN_FAILED)


@app.command()
def sql(
    statement: Annotated[
        str, typer.Argument(help="One SQL statement; table names are catalog.schema.table.")
    ],
    root: Root = None,
    format: Annotated[RowFormat, typer.Option("--format", help="The format of the rows.")] = RowFormat.table,
) -> None:
    """Run an SQL statement in the workspace and print its rows."""
    from rich.console import Console

    from local import sql
    from local.client import Client

    with Client(_home(root)) as client:
        rows = sql.execute(client, statement)
    if format is RowFormat.table:
        sql.print_table(rows, Console())
    else:
        emit(sql.as_json(rows) if format is RowFormat.json else sql.as_csv(rows))


@app.command("open")
def open_ui(root: Root = None) -> None:
    """Print the address of the workspace's web pages with a login token."""
    from local.home import running_status

    status = running_status(_home(root))
    emit(f"{status.url}/?token={status.token}")


def _home(root: Path | None) -> "Home":
    from local.home import Home

    return Home(resolved(root))


def _with_progress(work: Callable[[Callable[[str], None]], T]) -> T:
    """Runs work that reports progress: with a spinner on a terminal, as lines elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        return work(lambda line: diagnostic(line))
    with console.status("") as spinner:
        return work(spinner.update)


def _print_table(components: "list[Component]") -> None:
    import datetime

    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("", "state", "address", "pid", "since", "memory"):
        table.add_column(column, no_wrap=True)
    for each in components:
        since = datetime.datetime.fromtimestamp(each.started).strftime("%H:%M:%S") if each.started else ""
        memory = f"{each.memory / 2**20:,.0f} MB" if each.memory else ""
        table.add_row(each.name, each.state, each.address or "", str(each.pid or ""), since, memory)
    render(table)


def _print_json(components: "list[Component]", up: bool) -> None:
    import json
    from dataclasses import asdict

    entries = {each.name: {k: v for k, v in asdict(each).items() if k != "name"} for each in components}
    emit(json.dumps({"up": up, **entries}, indent=2))
