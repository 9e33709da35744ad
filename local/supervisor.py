"""Starts and stops the processes of the local workspace."""

import contextlib
import fcntl
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, Protocol

import psutil

from local import processes
from local.current_user import log_in
from local.home import Home, Status, read_status
from mesh.errors import OutsideError
from mesh.git.checkout import read_git, with_defaults

START_SECONDS = 60.0
_TAIL_LINES = 20

Report = Callable[[str], None]


class WorkspaceProcess(Protocol):
    """A process of the workspace, for the process that started it."""

    @property
    def pid(self) -> int:
        """Its id."""

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""


# The workspace outlives the process that started it. A reference avoids ResourceWarnings.
_children: list[WorkspaceProcess] = []


class SparkServer(Protocol):
    """A running Spark Connect server."""

    @property
    def pid(self) -> int:
        """The id of its process."""

    @property
    def remote(self) -> str:
        """The Spark Connect address."""


StartSpark = Callable[[Home, str, str], SparkServer]
StartWorkspace = Callable[[Home, int, Mapping[str, str], BinaryIO], WorkspaceProcess]


def start_spark(home: Home, url: str, token: str) -> SparkServer:
    """Start the Spark Connect server. Imports its module only when needed."""
    from local.spark import server

    return server.start(home, url, token)


def start_workspace(
    home: Home, port: int, environ: Mapping[str, str], log: BinaryIO
) -> "subprocess.Popen[bytes]":
    """Start the process of the workspace, with its port, its environment and the file for its output."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "local.workspace", "--root", str(home.root), "--port", str(port)],
        cwd=home.root,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def up(
    home: Home,
    report: Report,
    start_spark: StartSpark = start_spark,
    start_workspace: StartWorkspace = start_workspace,
) -> tuple[Status, bool]:
    """Start the processes that are not running, and return when all of them answer.

    A workspace that is already running changes its current user to the deployer of this call (MESH_USER).

    Args:
        home: the home of the workspace.
        report: receives a line for each step.
        start_spark: starts Spark after the workspace answers.
        start_workspace: starts the process of the workspace.

    Returns:
        The status, and whether a process was started.

    Raises:
        OutsideError: a process did not start. The call has stopped the processes that it started.
    """
    home.create_folders()
    with _locked(home, report), _interruptible():
        status = _readable_status(home, report)
        workspace, spark = _living_processes(status)
        if status and workspace:
            user = _deployer(home)
            if (previous := log_in(status, user)) != user:
                report(f"the user of the workspace is now {user} (was {previous})")
        if status and workspace and spark:
            return status, False
        try:
            if status is None or workspace is None:
                # Stop Spark, too: it has the address of the workspace that has ended.
                _stop_all(home)
                status = _start_workspace(home, report, start_workspace)
            return _start_spark(home, status, report, start_spark), True
        except BaseException:
            if workspace is None:
                report("stopping the processes that were started")
                _stop_all(home)
            raise


def down(home: Home, report: Report) -> int:
    """Stop all processes and return their number."""
    if not home.path.exists():
        return 0
    with _locked(home, report):
        _readable_status(home, report)
        return _stop_all(home)


def reset(home: Home, report: Report) -> bool:
    """Stop all processes and delete all that they hold; return whether there was anything."""
    if not home.path.exists():
        return False
    with _locked(home, report):
        _readable_status(home, report)
        _stop_all(home)
        content = [each for each in home.path.iterdir() if each != home.lock]
        for each in content:
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            else:
                each.unlink()
    return bool(content)


def _start_workspace(home: Home, report: Report, start: StartWorkspace) -> Status:
    report("starting the workspace")
    port, token, log = processes.free_port(), home.token(), home.log("workspace")
    if log.exists():
        log.replace(log.with_name("workspace.previous.log"))
    with log.open("wb") as stream:
        environ = processes.environment(home) | {processes.USER_VARIABLE: _deployer(home)}
        process = start(home, port, environ, stream)
    _children.append(process)
    status = Status(f"http://127.0.0.1:{port}", token, process.pid, processes.start_time(process.pid))
    # Before the workspace answers, so that `down` finds it even if this process dies.
    status.write(home)
    _wait(process, port, token, home)
    return status


def _deployer(home: Home) -> str:
    """Return the deployer, who becomes the current user of the workspace."""
    return with_defaults(read_git(home.root)).user or ""


def _wait(process: WorkspaceProcess, port: int, token: str, home: Home) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port, token):
        if process.poll() is not None:
            raise OutsideError(f"the workspace ended with exit code {process.poll()}.\n{_log_tail(home)}")
        if time.monotonic() > deadline:
            raise OutsideError(
                f"the workspace did not answer within {START_SECONDS:.0f} s.\n{_log_tail(home)}"
            )
        time.sleep(0.1)


def _answers(port: int, token: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/ready", headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _start_spark(home: Home, status: Status, report: Report, start: StartSpark) -> Status:
    report("starting Spark (10 to 20 seconds)")
    # Spark inherits the variable from this process.
    os.environ[processes.HOME_VARIABLE] = str(home.path)
    try:
        spark = start(home, status.url, status.token)
    finally:
        del os.environ[processes.HOME_VARIABLE]
    status = replace(
        status, spark_remote=spark.remote, spark_pid=spark.pid, spark_started=processes.start_time(spark.pid)
    )
    status.write(home)
    return status


def _readable_status(home: Home, report: Report) -> Status | None:
    """Return the status; None if there is none. A damaged status file is reported and removed."""
    try:
        return read_status(home)
    except OutsideError:
        if home.status.is_dir():
            raise
        report("the status file is damaged: all processes of the local workspace are stopped")
        home.status.unlink(missing_ok=True)
        return None


def _living_processes(status: Status | None) -> tuple[psutil.Process | None, psutil.Process | None]:
    if status is None:
        return None, None
    return (
        processes.living_process(status.workspace_pid, status.workspace_started),
        processes.living_process(status.spark_pid, status.spark_started),
    )


def _stop_all(home: Home) -> int:
    recorded = [each for each in _living_processes(read_status(home)) if each]
    running = {each.pid: each for each in [*recorded, *processes.processes_of(home)]}
    processes.stop(list(running.values()))
    _children[:] = [child for child in _children if child.poll() is None]
    home.status.unlink(missing_ok=True)
    home.reattach.unlink(missing_ok=True)
    home.mlflow_server.unlink(missing_ok=True)
    return len(running)


@contextlib.contextmanager
def _locked(home: Home, report: Report) -> Iterator[None]:
    """Hold the lock for starting and stopping; the kernel releases the lock when the process dies."""
    with home.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another `mesh local up` or `down`")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Handle SIGTERM like Ctrl-C, so that it also cleans up."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:
        # Only the main thread can set signal handlers.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _log_tail(home: Home) -> str:
    log = home.log("workspace")
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join([*lines, f"complete log: {log}"])
