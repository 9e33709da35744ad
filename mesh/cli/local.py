"""`mesh local`: a Databricks workspace on this machine, for development without an account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from mesh.cli.local_data import app as data_app
from mesh.cli.options import AutoApprove, Root, resolved
from mesh.console import confirm, diagnostic, emit, render, require_terminal

if TYPE_CHECKING:
    from local.home import Home
    from local.supervisor import Component
    from mesh.deployment.deployment import Deployment

app = typer.Typer(
    name="local",
    help="A Databricks workspace on this machine: start it, run flows, query tables with SQL.",
    no_args_is_help=True,
)

T = TypeVar("T")


class Process(StrEnum):
    """The processes that have logs."""

    workspace = "workspace"
    spark = "spark"


class RowFormat(StrEnum):
    """The formats of rows."""

    table = "table"
    json = "json"
    csv = "csv"


app.add_typer(data_app, name="data")


@app.command()
def up(root: Root = None) -> None:
    """Start the workspace and Spark, and wait until they answer.

    Takes about 15 seconds; running processes are not restarted. The workspace treats every caller as one
    user: MESH_USER, or git's e-mail, at the last call of this command.
    """
    from local import supervisor

    with _interruptible():
        status, started = _with_progress(lambda report: supervisor.up(_home(root), report))
    emit(f"{'up' if started else 'already up'}: workspace {status.url}, Spark {status.spark_address}")
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
    """Show the state of the processes. Exit code 0 if all are up, 3 otherwise."""
    from local import supervisor

    components = supervisor.components(_home(root))
    (_print_json if json else _print_table)(components)
    if any(each.state != "up" for each in components):
        raise typer.Exit(3)


@app.command()
def logs(
    process: Annotated[Process | None, typer.Argument(help="The process.", show_default="both")] = None,
    root: Root = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Follow the logs until Ctrl-C.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="The number of last lines of each log.")
    ] = 50,
) -> None:
    """Print the logs of the workspace and of Spark."""
    from local import logs

    files = {each: _home(root).log(each) for each in ([process.value] if process else list(Process))}
    prefix = {name: "" if process else f"{name:<9} | " for name in files}
    for name, file in files.items():
        if not file.exists():
            diagnostic(f"{prefix[name]}no log: {name} was never started for this mesh")
        for line in logs.last_lines(file, lines):
            emit(prefix[name] + line)
    if not follow:
        return
    with _interruptible():
        for name, line in logs.follow(files):
            emit(prefix[name] + line)


@app.command()
def run(
    flow: Annotated[str, typer.Argument(help="The flow's path, such as transport/taxinyc/prep/revenue.")],
    root: Root = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A job parameter; may be repeated."),
    ] = None,
    env: Annotated[str, typer.Option("--env", help="An environment with `workspace: local`.")] = "local",
) -> None:
    """Run a deployed flow's job or pipeline and follow it. Exit code 0 if it succeeds, 3 if it fails.

    Ctrl-C cancels the run with exit code 130.
    """
    from rich.console import Console

    from local.client import Client
    from local.run_flow import run_job, run_pipeline
    from mesh.errors import UsageError
    from mesh.load import load

    parameters = dict(_named_value(each) for each in param or [])
    root = resolved(root)
    deployed = load(root).in_environment(env)
    if not deployed.embedded:
        raise UsageError(
            f"`{env}` is not on this machine (add `workspace: local` to the environment in org.yml)"
        )
    match = deployed.flow(flow)
    if not match.jobs and not match.pipelines:
        raise UsageError(f"{flow} has neither a job nor a pipeline")
    if parameters and not match.jobs:
        raise UsageError(f"{flow} is a pipeline, which takes no parameters (omit --param)")
    client, console = Client(_home(root)), Console()
    ids = _ids(root, next(one for one in deployed.deployments if match in one.flows))
    # the flow's jobs may run its pipelines
    pipelines_to_run = [] if match.jobs else match.pipelines
    with _interruptible():
        jobs = (
            run_job(
                client, flow, job.name, parameters, console, deployed_id=ids.get(f"databricks_job.{job.id}")
            )
            for job in match.jobs
        )
        pipelines = (
            run_pipeline(
                client, flow, one.name, console, deployed_id=ids.get(f"databricks_pipeline.{one.id}")
            )
            for one in pipelines_to_run
        )
        succeeded = all(jobs) and all(pipelines)  # stops after the first failure
    if not succeeded:
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
    """Run one notebook of the checkout without deploying it. Exit code 0 if it succeeds, 3 if it fails.

    The notebook runs in its own folder, as in a Git folder of a workspace. Set --param to choose where it
    writes.
    """
    from local.notebook_by_hand import run_notebook

    with _interruptible():
        succeeded = run_notebook(
            _home(root), file, dict(_named_value(each) for each in param or []), typer.echo
        )
    if not succeeded:
        raise typer.Exit(3)


def _ids(root: Path, deployment: "Deployment") -> dict[str, str]:
    """The ids of deployed resources by Terraform address; empty if the state is not on this machine."""
    from mesh.terraform import state

    if deployment.backend.kind != "local":
        return {}
    held = state.read_state(root / deployment.backend.arguments["path"]).held
    return {address: str(one.get("id")) for address, one in held.items()}


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


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turns Ctrl-C into exit code 130, as shells expect."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _named_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"`{text}` is not NAME=VALUE", param_hint="--param")
    return name, value


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


def _print_json(components: "list[Component]") -> None:
    import json
    from dataclasses import asdict

    entries = {each.name: {k: v for k, v in asdict(each).items() if k != "name"} for each in components}
    emit(json.dumps({"up": all(each.state == "up" for each in components), **entries}, indent=2))
