"""`mesh local run`, `repair` and `logs`: runs of flows on the local workspace, and what they printed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesh.cli.options import Root, interruptible, named_values, resolved
from mesh.console import RUN_FAILED, diagnostic, emit
from mesh.errors import UsageError

if TYPE_CHECKING:
    from local.run_display import Display
    from mesh.deployment.deployment import Deployment

app = typer.Typer()

_PROCESSES = ("workspace", "spark")

LocalEnv = Annotated[str, typer.Option("--env", help="An environment with `workspace: local`.")]
Output = Annotated[
    bool, typer.Option("--output", "-o", help="Show all that tasks print, also of tasks that succeed.")
]


@app.command()
def run(
    flow: Annotated[
        str,
        typer.Argument(
            metavar="FLOW",
            help="The flow's path, such as prep/revenue; after a +, the flows that it reads run first.",
        ),
    ],
    root: Root = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A job parameter; may be repeated."),
    ] = None,
    env: LocalEnv = "local",
    output: Output = False,
    task: Annotated[str | None, typer.Option("--task", help="Run only this task of the flow.")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Run outdated tasks again at each save, until Ctrl-C.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="With --watch: run all tasks again.")] = False,
    full_refresh: Annotated[
        bool,
        typer.Option(
            "--full-refresh", help="Of a pipeline: empty its streaming tables and read their sources again."
        ),
    ] = False,
) -> None:
    """Run a deployed flow's job or pipeline, with the files of the checkout, and follow it.

    Files that changed since the deployment are put into the workspace first; changed settings need
    `mesh deploy`. Exit code 0 if the run succeeds, 1 if it fails. Ctrl-C cancels it with exit code 130.
    """
    from local.client import Client
    from local.home import Home
    from mesh.commands.local_run.flow_run import FlowRunner, RunOptions, Selection
    from mesh.commands.local_run.never_run import never_run_hint, upstream
    from mesh.commands.local_run.watch import Watch

    if everything and not watch:
        raise UsageError("--all says what --watch runs (add --watch, or omit --all)")
    if full_refresh and watch:
        raise UsageError("--full-refresh would empty the tables at each save (omit it, or --watch)")
    options = RunOptions(named_values(param), task, full_refresh)
    selection = Selection(resolved(root), env, flow, options)
    selected = selection.flows()
    with interruptible(), Client(Home(selection.root)) as client:
        shown = display(selection.root, [one.deployment for one in selected], output)
        runner = FlowRunner(selection.root, client, shown)
        if watch:
            from local.saves import saves

            Watch(runner, selection.flows, options, everything).run(saves(selection.places()))
        elif not all(runner.bring_and_run(one, options) for one in selected):
            if hint := never_run_hint(flow, upstream(selection), runner):
                shown.print(hint)
            raise typer.Exit(RUN_FAILED)


@app.command()
def repair(
    run: Annotated[int, typer.Argument(help="The run's number, which `mesh local run` prints.")],
    root: Root = None,
    env: LocalEnv = "local",
    output: Output = False,
    task: Annotated[
        list[str] | None,
        typer.Option("--task", help="A task to run again; may be repeated.", show_default="all failed tasks"),
    ] = None,
) -> None:
    """Run the failed tasks of a run again, and the tasks that depend on them, as part of the same run.

    Files that changed are put into the workspace first, as `mesh local run` does. Other tasks keep their
    results and task values. Exit codes are those of `mesh local run`.
    """
    from local.client import Client
    from local.home import Home
    from mesh.commands.local_run.flow_run import FlowRunner
    from mesh.commands.local_run.repair import repair_run, runs_flow
    from mesh.load import load

    root = resolved(root)
    with interruptible(), Client(Home(root)) as client:
        selected = runs_flow(root, client, load(root).in_environment(env), run)
        shown = display(root, [selected.deployment] if selected else [], output)
        if not repair_run(FlowRunner(root, client, shown), selected, run, task or ()):
            raise typer.Exit(RUN_FAILED)


def display(root: Path, deployments: "Sequence[Deployment]", output: bool) -> "Display":
    """What shows runs: on stdout, with the names of files of the checkout."""
    from rich.console import Console

    from local.run_display import Display
    from mesh.commands.local_run.readable import readable

    return Display(Console(), output, readable(root, deployments))


@app.command()
def logs(
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN | workspace | spark]",
            help="A run, for what its tasks printed; or a process, for its log.",
            show_default="both processes",
        ),
    ] = None,
    task: Annotated[
        str | None, typer.Argument(metavar="[TASK]", help="A task of the run.", show_default="all tasks")
    ] = None,
    root: Root = None,
    env: LocalEnv = "local",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Follow the logs of processes until Ctrl-C.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="The number of last lines of each process.")
    ] = 50,
) -> None:
    """Print what the tasks of a run printed, or the logs of the workspace and of Spark."""
    if which is not None and which.isdecimal():
        _print_task_logs(resolved(root), env, int(which), task)
        return
    if which not in (None, *_PROCESSES) or task is not None:
        raise UsageError(
            f"`{which}` is not a run's number, workspace or spark (`mesh local run` prints the number)"
        )
    _print_process_logs(resolved(root), (which,) if which else _PROCESSES, lines, follow)


def _print_task_logs(root: Path, env: str, run_id: int, task: str | None) -> None:
    from local.client import Client
    from local.home import Home
    from local.task_logs import task_logs
    from mesh.commands.local_run.readable import readable
    from mesh.load import load

    with Client(Home(root)) as client:
        deployed = load(root).in_environment(env)
        for line in task_logs(client, run_id, task, readable(root, deployed.deployments)):
            emit(line)


def _print_process_logs(root: Path, processes: Sequence[str], lines: int, follow: bool) -> None:
    from local import logs
    from local.home import Home

    files = {each: Home(root).log(each) for each in processes}
    prefix = {name: "" if len(files) == 1 else f"{name:<9} | " for name in files}
    for name, file in files.items():
        if not file.exists():
            diagnostic(f"{prefix[name]}no log: {name} was never started for this mesh")
        for line in logs.last_lines(file, lines):
            emit(prefix[name] + line)
    if not follow:
        return
    with interruptible():
        for name, line in logs.follow(files):
            emit(prefix[name] + line)
