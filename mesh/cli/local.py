"""`mesh local …`: a Databricks workspace on this machine, for development without an account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from mesh.cli.local_data import app as data_app
from mesh.console import diagnostic, emit

if TYPE_CHECKING:
    from local.home import Home
    from local.supervisor import Component
    from mesh.deployment.deployment import Deployment

app = typer.Typer(
    name="local",
    help="A Databricks workspace on this machine: start it, run flows in it, ask it with SQL.",
    no_args_is_help=True,
)

Root = Annotated[
    Path,
    typer.Option(
        "--root",
        envvar="MESH_ROOT",
        help="The mesh's root folder, the one that holds `orgs/`.",
        exists=True,
        file_okay=False,
        resolve_path=True,
    ),
]
HERE = Path()

T = TypeVar("T")


class Process(StrEnum):
    """A process that has a log."""

    workspace = "workspace"
    spark = "spark"


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    json = "json"
    csv = "csv"


app.add_typer(data_app, name="data")


@app.command()
def up(root: Root = HERE) -> None:
    """Start the workspace and Spark, and wait until they answer.

    Safe to call again: what is up stays up. Takes about 15 seconds. The workspace takes its callers for
    the user that names are made for (MESH_USER, or git's), from the last call on.
    """
    from local import supervisor

    with _interruptible():
        status, started = _with_progress(lambda report: supervisor.up(_home(root), report))
    emit(f"{'up' if started else 'already up'}: workspace {status.url}, Spark {status.spark_address}")
    if started:
        emit("`mesh local open` prints the address for the browser, `mesh local down` stops it.")


@app.command()
def down(root: Root = HERE) -> None:
    """Stop the workspace and Spark. What they keep stays on disk."""
    from local import supervisor

    stopped = _with_progress(lambda report: supervisor.down(_home(root), report))
    emit("down" if stopped else "nothing was up")


@app.command()
def status(
    root: Root = HERE,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is up. Exit code 0 when all of it is, 3 otherwise."""
    from local import supervisor

    found = supervisor.components(_home(root))
    (_print_json if json else _print_table)(found)
    if any(each.state != "up" for each in found):
        raise typer.Exit(3)


@app.command()
def logs(
    process: Annotated[Process | None, typer.Argument(help="Which one; both if not given.")] = None,
    root: Root = HERE,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of each.")] = 50,
) -> None:
    """Print the logs of the workspace and of Spark."""
    from local import logs

    files = {each: _home(root).log(each) for each in ([process.value] if process else list(Process))}
    prefix = {name: "" if process else f"{name:<9} | " for name in files}
    for name, file in files.items():
        if not file.exists():
            diagnostic(f"{prefix[name]}no log yet: {name} was never started here")
        for line in logs.last(file, lines):
            emit(prefix[name] + line)
    if not follow:
        return
    with _interruptible():
        for name, line in logs.follow(files):
            emit(prefix[name] + line)


@app.command()
def run(
    flow: Annotated[str, typer.Argument(help="The flow's path, such as transport/taxinyc/prep/revenue.")],
    root: Root = HERE,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A job parameter for this run; may be repeated."),
    ] = None,
    env: Annotated[
        str, typer.Option("--env", help="An environment with `workspace: local`, for rehearsing it.")
    ] = "local",
) -> None:
    """Run a deployed flow's job or pipeline and follow it. Exit code 0 when it succeeded, 3 when it failed.

    Ctrl-C cancels the run; the exit code is then 130.
    """
    from rich.console import Console

    from local.client import Client
    from local.run import run_job, run_pipeline
    from mesh.errors import UsageError
    from mesh.load import load

    parameters = dict(_named_value(each) for each in param or [])
    deployed = load(root).in_environment(env)
    if not deployed.embedded:
        raise UsageError(
            f"`{env}` is not on this machine (its environment in org.yml lacks `workspace: local`)"
        )
    found = deployed.flow(flow)
    if not found.jobs and not found.pipelines:
        raise UsageError(f"{flow} has neither job nor pipeline to run")
    if parameters and not found.jobs:
        raise UsageError(f"{flow} is a pipeline, which takes no parameters (leave --param out)")
    client, console = Client(_home(root)), Console()
    ids = _ids(root, next(one for one in deployed.deployments if found in one.flows))
    # a job of the flow may run its pipelines itself
    alone = [] if found.jobs else found.pipelines
    with _interruptible():
        jobs = (
            run_job(client, flow, job.name, parameters, console, known=ids.get(f"databricks_job.{job.id}"))
            for job in found.jobs
        )
        pipelines = (
            run_pipeline(client, flow, one.name, console, known=ids.get(f"databricks_pipeline.{one.id}"))
            for one in alone
        )
        succeeded = all(jobs) and all(pipelines)  # of several, none after one that failed
    if not succeeded:
        raise typer.Exit(3)


@app.command()
def notebook(
    file: Annotated[
        Path, typer.Argument(help="The notebook, a file of the checkout.", exists=True, dir_okay=False)
    ],
    root: Root = HERE,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A value for a widget; may be repeated."),
    ] = None,
) -> None:
    """Run one notebook of the checkout by hand, without deploying it. Exit code 0 when it succeeded, else 3.

    It runs in its own folder, as in a Git folder of a workspace. Nobody but you says where it writes.
    """
    from local.notebook_by_hand import run_notebook

    with _interruptible():
        succeeded = run_notebook(
            _home(root), file, dict(_named_value(each) for each in param or []), typer.echo
        )
    if not succeeded:
        raise typer.Exit(3)


def _ids(root: Path, deployment: "Deployment") -> dict[str, str]:
    """The ids of what a deployment made, by Terraform address, where its state is kept on this machine."""
    from mesh.terraform import state

    if deployment.backend.kind != "local":
        return {}
    held = state.read(root / deployment.backend.arguments["path"]).held
    return {address: str(one.get("id")) for address, one in held.items()}


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One SQL statement; names are catalog.schema.table.")],
    root: Root = HERE,
    format: Annotated[Format, typer.Option("--format", help="How the rows are printed.")] = Format.table,
) -> None:
    """Ask the workspace with SQL and print the rows."""
    from rich.console import Console

    from local import sql
    from local.client import Client

    rows = sql.execute(Client(_home(root)), statement)
    if format is Format.table:
        sql.print_table(rows, Console())
    else:
        emit(sql.as_json(rows) if format is Format.json else sql.as_csv(rows))


@app.command("open")
def open_ui(root: Root = HERE) -> None:
    """Print the address of the workspace's pages, with the token that lets a browser in."""
    from local.home import running

    status = running(_home(root))
    emit(f"{status.url}/?token={status.token}")


def _home(root: Path) -> "Home":
    from local.home import Home

    return Home(root.resolve())


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make of Ctrl-C the exit code that shells expect, and nothing more."""
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
    """Do something that reports, showing the last report with a spinner; as lines if not on a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        return work(lambda line: diagnostic(line))
    with console.status("") as spinner:
        return work(spinner.update)


def _print_table(found: "list[Component]") -> None:
    import datetime

    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("", "state", "address", "pid", "since", "memory"):
        table.add_column(column, no_wrap=True)
    for each in found:
        since = datetime.datetime.fromtimestamp(each.started).strftime("%H:%M:%S") if each.started else ""
        memory = f"{each.memory / 2**20:,.0f} MB" if each.memory else ""
        table.add_row(each.name, each.state, each.address or "", str(each.pid or ""), since, memory)
    Console().print(table)


def _print_json(found: "list[Component]") -> None:
    import json
    from dataclasses import asdict

    told = {each.name: {name: v for name, v in asdict(each).items() if name != "name"} for each in found}
    emit(json.dumps({"up": all(each.state == "up" for each in found), **told}, indent=2))
