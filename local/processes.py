"""The processes of a local workspace: told apart from strangers, and stopped so that none is left."""

import contextlib
import os

import psutil

from local.home import Home

# For whom the workspace is started; see local.workspace.objects.users.
USER = "MESH_LOCAL_USER"
# Every process of a home carries this variable, and so do those that they start in turn.
MARK = "MESH_LOCAL_HOME"
_GRACE_SECONDS = 10.0
_KILL_SECONDS = 5.0


def environment(home: Home) -> dict[str, str]:
    """Return the environment for a process of this home: the present one and the mark."""
    return {**os.environ, MARK: str(home.path)}


def started(pid: int) -> float:
    """Return when a living process started, in seconds since 1970.

    Raises:
        psutil.NoSuchProcess: there is none of that number.
    """
    return float(psutil.Process(pid).create_time())


def process(pid: int | None, start: float | None) -> psutil.Process | None:
    """Return the living process of that number, None when it is gone or another one has the number now."""
    if pid is None or start is None:
        return None
    try:
        found = psutil.Process(pid)
        same = abs(found.create_time() - start) < 1 and found.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return found if same else None


def marked(home: Home) -> list[psutil.Process]:
    """Return every living process that carries this home's mark, but for the caller and its parents."""
    own = {os.getpid(), *(each.pid for each in psutil.Process().parents())}
    found = []
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if each.pid not in own and each.environ().get(MARK) == str(home.path):
                found.append(each)
    return found


def stop(processes: list[psutil.Process]) -> None:
    """End processes: asked first, forced after ten seconds."""
    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.terminate()
    _, alive = psutil.wait_procs(processes, _GRACE_SECONDS)
    for each in alive:
        with contextlib.suppress(psutil.Error):
            each.kill()
    psutil.wait_procs(alive, _KILL_SECONDS)
