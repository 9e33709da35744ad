"""The processes of a local workspace, as `mesh local status` shows them."""

from dataclasses import dataclass

import psutil

from local import processes
from local.home import Home, read_status
from local.mlflow import server as mlflow

# What starts each process; the workspace works without those that are not in REQUIRED.
COMMANDS = {
    "workspace": "mesh local up",
    "spark": "mesh local up",
    "mlflow": "mesh local up --mlflow",
}
REQUIRED = ("workspace", "spark")


@dataclass(frozen=True)
class Component:
    """One process of the local workspace.

    Args:
        name: `workspace`, `spark` or `mlflow`.
        state: `up`, `down` (not started) or `dead` (started, but has ended).
        address: its address.
        pid: the id of its process.
        started: its start time, seconds since 1970.
        memory: its memory, bytes.
    """

    name: str
    state: str
    address: str | None = None
    pid: int | None = None
    started: float | None = None
    memory: int | None = None


def components(home: Home) -> list[Component]:
    """Return the state of the workspace, of Spark and of MLflow.

    Raises:
        OutsideError: the status file is damaged.
    """
    found: list[tuple[str | None, int | None, float | None]] = [(None, None, None)] * 3
    if status := read_status(home):
        found[0] = (status.url, status.workspace_pid, status.workspace_started)
        found[1] = (status.spark_address, status.spark_pid, status.spark_started)
    if tracking := mlflow.started(home):
        found[2] = (tracking.url, tracking.pid, tracking.started)
    return [_component(name, *one) for name, one in zip(COMMANDS, found, strict=True)]


def are_up(found: list[Component]) -> bool:
    """Return whether all processes run that a workspace needs, and none of the others has ended by itself."""
    return all(one.state == "up" or (one.state == "down" and one.name not in REQUIRED) for one in found)


def not_running(home: Home, found: list[Component]) -> list[str]:
    """Return a sentence for each process that does not run: how to start it, and where an ended one wrote."""
    sentences = []
    for one in found:
        starts = f"`{COMMANDS[one.name]}` starts it"
        if one.state == "down":
            sentences.append(f"{one.name} is not running: {starts}")
        elif one.state == "dead":
            log = home.log(one.name).relative_to(home.root)
            sentences.append(f"{one.name} has ended: {log} has its output, {starts}")
    return sentences


def _component(name: str, address: str | None, pid: int | None, started: float | None) -> Component:
    process = processes.living_process(pid, started)
    if process is None:
        return Component(name, "dead" if pid else "down", pid=pid)
    try:
        return Component(name, "up", address, process.pid, process.create_time(), process.memory_info().rss)
    except psutil.Error:
        return Component(name, "dead", pid=pid)
