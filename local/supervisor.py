"""Starts and stops the processes of the local workspace, and says which of them are up."""

import contextlib
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

import psutil

from local import processes
from local.home import Home, Status, read_status
from mesh.errors import OutsideError
from mesh.git.checkout import offline, read_git

START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_TAIL_LINES = 20

Report = Callable[[str], None]

# The workspace outlives the process that started it: kept, so that nothing warns of a lost child.
_children: list["subprocess.Popen[bytes]"] = []


class Spark(Protocol):
    """What a start of Spark gives back: its process and its address."""

    @property
    def pid(self) -> int:
        """The process."""

    @property
    def remote(self) -> str:
        """The Spark Connect address."""


StartSpark = Callable[[Home, str, str], Spark]


@dataclass(frozen=True)
class Component:
    """One process of the local workspace.

    Args:
        name: `workspace` or `spark`.
        state: `up`, `down` (not started) or `dead` (started, and gone since).
        address: where it answers.
        pid: its process.
        started: when it started, seconds since 1970.
        memory: what it uses, bytes.
    """

    name: str
    state: str
    address: str | None = None
    pid: int | None = None
    started: float | None = None
    memory: int | None = None


def start_spark(home: Home, url: str, token: str) -> Spark:
    """Start the Spark Connect server. Its module is imported only here: it is of no use otherwise."""
    from local.spark import server

    return server.start(home, url, token)


def up(home: Home, report: Report, start_spark: StartSpark = start_spark) -> tuple[Status, bool]:
    """Start what is not up yet, and return once all of it answers.

    A workspace that is up already takes its callers from now on for the user that names are made for now,
    which is another one where MESH_USER is another one.

    Args:
        home: of which mesh.
        report: told what is being done, a line at a time.
        start_spark: starts Spark when the workspace answers.

    Returns:
        What is up, and whether something had to be started.

    Raises:
        OutsideError: something did not start. What this call had started is stopped again.
    """
    home.make()
    with _locked(home, report), _interruptible():
        status = read_status(home)
        workspace, spark = _alive(status)
        if status and workspace:
            _act_as(status, _user(home), report)
        if status and workspace and spark:
            return status, False
        try:
            if status is None or workspace is None:
                # Spark alone is of no use: it was told the address of the workspace that is gone.
                _stop_all(home)
                status = _start_workspace(home, report)
            return _start_spark(home, status, report, start_spark), True
        except BaseException:
            if workspace is None:
                report("stopping what was started")
                _stop_all(home)
            raise


def down(home: Home, report: Report) -> int:
    """Stop everything that is up and return how many processes that were."""
    if not home.path.exists():
        return 0
    with _locked(home, report):
        return _stop_all(home)


def components(home: Home) -> list[Component]:
    """Return the state of the workspace and of Spark."""
    status = read_status(home)
    if status is None:
        return [Component("workspace", "down"), Component("spark", "down")]
    workspace, spark = _alive(status)
    return [
        _component("workspace", workspace, status.url, status.workspace_pid),
        _component("spark", spark, status.spark_address, status.spark_pid),
    ]


def _start_workspace(home: Home, report: Report) -> Status:
    report("starting the workspace")
    port, token, log = _free_port(), home.token(), home.log("workspace")
    command = [sys.executable, "-P", "-m", "local.workspace", "--root", str(home.root), "--port", str(port)]
    if log.exists():
        log.replace(log.with_name("workspace.previous.log"))
    with log.open("wb") as stream:
        started = subprocess.Popen(
            command,
            cwd=home.root,
            env=processes.environment(home) | {processes.USER: _user(home)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children.append(started)
    status = Status(f"http://127.0.0.1:{port}", token, started.pid, processes.started(started.pid))
    # Before it answers, so that a `down` finds it whatever happens to this process.
    status.write(home)
    _wait(started, port, token, home)
    return status


def _user(home: Home) -> str:
    """The user that names are made for."""
    return offline(read_git(home.root)).user or ""


def _act_as(status: Status, user: str, report: Report) -> None:
    """Have a workspace that is up take its callers for this user."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(status.url).port, timeout=_ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {status.token}", "Content-Type": "application/json"}
    try:
        connection.request("PUT", "/local/user", json.dumps({"user_name": user}), headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise OutsideError(
            f"the workspace at {status.url} does not answer ({error}): see `mesh local logs`,"
            " and `mesh local down` stops it"
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise OutsideError(f"the workspace cannot take its callers for {user}: {told.get('message')}")
    if told["previous"] != user:
        report(f"the workspace takes its callers for {user} from now on, no longer for {told['previous']}")


def _wait(started: "subprocess.Popen[bytes]", port: int, token: str, home: Home) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port, token):
        if started.poll() is not None:
            raise OutsideError(f"the workspace ended with exit code {started.returncode}.\n{_tail(home)}")
        if time.monotonic() > deadline:
            raise OutsideError(f"the workspace did not answer within {START_SECONDS:.0f} s.\n{_tail(home)}")
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
    # Whatever `start` runs inherits the mark from this process.
    os.environ[processes.MARK] = str(home.path)
    try:
        spark = start(home, status.url, status.token)
    finally:
        del os.environ[processes.MARK]
    status = replace(
        status, spark_remote=spark.remote, spark_pid=spark.pid, spark_started=processes.started(spark.pid)
    )
    status.write(home)
    return status


def _alive(status: Status | None) -> tuple[psutil.Process | None, psutil.Process | None]:
    if status is None:
        return None, None
    return (
        processes.process(status.workspace_pid, status.workspace_started),
        processes.process(status.spark_pid, status.spark_started),
    )


def _stop_all(home: Home) -> int:
    recorded = [each for each in _alive(read_status(home)) if each]
    found = {each.pid: each for each in [*recorded, *processes.marked(home)]}
    processes.stop(list(found.values()))
    _children[:] = [child for child in _children if child.poll() is None]
    home.status.unlink(missing_ok=True)
    home.reattach.unlink(missing_ok=True)
    return len(found)


def _component(name: str, process: psutil.Process | None, address: str | None, pid: int | None) -> Component:
    if process is None:
        return Component(name, "dead" if pid else "down", pid=pid)
    try:
        return Component(name, "up", address, process.pid, process.create_time(), process.memory_info().rss)
    except psutil.Error:
        return Component(name, "dead", pid=pid)


@contextlib.contextmanager
def _locked(home: Home, report: Report) -> Iterator[None]:
    """Keep others from starting and stopping; the kernel lets go of the lock when a process dies."""
    with home.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another `mesh local up` or `down`")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM clean up as Ctrl-C does."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:
        # Not in the main thread: signals are somebody else's.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _tail(home: Home) -> str:
    log = home.log("workspace")
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join([*lines, f"the whole log: {log}"])
