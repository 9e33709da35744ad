"""Finds and stops the processes of a local workspace, and finds ports for new ones."""

import contextlib
import os
import socket

import psutil

from local.home import Home

# The environment variable with the current user of the workspace; see local.workspace.objects.users.
USER_VARIABLE = "MESH_LOCAL_USER"
# The environment variable with the path of the home; child processes inherit it.
HOME_VARIABLE = "MESH_LOCAL_HOME"
_GRACE_SECONDS = 10.0
_KILL_SECONDS = 5.0


def environment(home: Home) -> dict[str, str]:
    """Return the environment for a process of a home: the current environment and HOME_VARIABLE."""
    return {**os.environ, HOME_VARIABLE: str(home.path)}


def free_port() -> int:
    """Return a port of this machine that no process uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_time(pid: int) -> float:
    """Return the start time of a process, in seconds since 1970.

    Raises:
        psutil.NoSuchProcess: there is no process with this id.
    """
    return float(psutil.Process(pid).create_time())


def living_process(pid: int | None, start: float | None) -> psutil.Process | None:
    """Return the process with an id and a start time; None if it has ended, even if its id was reused."""
    if pid is None or start is None:
        return None
    try:
        process = psutil.Process(pid)
        alive = abs(process.create_time() - start) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if alive else None


def processes_of(home: Home) -> list[psutil.Process]:
    """Return all processes of a home, except the caller and its parents."""
    excluded = {os.getpid(), *(each.pid for each in psutil.Process().parents())}
    processes = []
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if each.pid not in excluded and each.environ().get(HOME_VARIABLE) == str(home.path):
                processes.append(each)
    return processes


def stop(processes: list[psutil.Process]) -> None:
    """Stop processes: first SIGTERM, after ten seconds SIGKILL."""
    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.terminate()
    _, alive = psutil.wait_procs(processes, _GRACE_SECONDS)
    for each in alive:
        with contextlib.suppress(psutil.Error):
            each.kill()
    psutil.wait_procs(alive, _KILL_SECONDS)
