"""`python -m local.notebook.fork_server [SOCKET]`: has imported what tasks do, and forks them.

stdin: a line of JSON for each task, with `id`, `module` (as for `python -m`), `arguments`, `cwd`,
`environment` (all variables) and `log` (the file for the output).
stdout: `{"id", "pid"}` when the task's process has started, `{"id", "code"}` when it has ended,
`{"id", "refused"}` if it cannot start.
Programs that connect to SOCKET get a process, too, with their own terminal (`local.notebook.callers`).
Ends when stdin and all tasks have ended. Source of the idea: the forkserver of Python's multiprocessing.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.notebook import callers

# What every notebook and every update of a pipeline imports before the user's code runs.
IMPORTED = (
    "local.notebook.imports",
    "local.notebook.runner",
    "local.notebook.written_tables",
    "local.pipeline.materialization",
    "local.spark.plan_paths",
    "pyspark.pipelines.graph_element_registry",
    "pyspark.sql.connect.dataframe",
    "pyspark.sql.connect.session",
    "pyspark.sql.functions",
)

Request = Mapping[str, Any]


@dataclass
class _Tasks:
    """The requests that arrive, and the processes that run."""

    answers: int
    ids: dict[int, int] = field(default_factory=dict)
    callers: dict[int, socket.socket] = field(default_factory=dict)
    buffer: bytes = b""

    def answer(self, **content: int) -> None:
        os.write(self.answers, json.dumps(content).encode() + b"\n")

    def requests(self, content: bytes) -> list[Request]:
        """Returns the requests that are complete now."""
        *lines, self.buffer = (self.buffer + content).split(b"\n")
        return [json.loads(line) for line in lines]

    def reap(self) -> None:
        """Answers for each process that has ended."""
        while self.ids or self.callers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            if caller := self.callers.pop(pid, None):
                with caller:
                    callers.tell(caller, code=code)
            else:
                self.answer(id=self.ids.pop(pid), code=code)


def serve(answers: int, listener: socket.socket | None = None) -> Request | None:
    """Forks a process for each request on stdin, and for each program that connects.

    Args:
        answers: the file descriptor for answers.
        listener: the socket to which programs connect; None without one.

    Returns:
        In the process of a task its request; None when the server ends.
    """
    tasks = _Tasks(answers)
    ended, wake = os.pipe()
    os.set_blocking(ended, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        if listener:
            selector.register(listener, selectors.EVENT_READ)
        listening = True
        while listening or tasks.ids or tasks.callers:
            files = [key.fd for key, _ in selector.select()]
            if ended in files:
                os.read(ended, 4096)
                tasks.reap()
            if listener and listener.fileno() in files:
                caller, _ = listener.accept()
                try:
                    pid = _fork()
                except OSError:
                    caller.close()  # without an answer
                    continue
                if pid == 0:
                    _leave(tasks, answers, ended, wake)
                    return callers.received(caller)
                tasks.callers[pid] = caller
            if 0 not in files:
                continue
            content = os.read(0, 1 << 20)
            if not content:
                listening = False
                selector.unregister(0)
                if listener:
                    selector.unregister(listener)
                    listener.close()
                    listener = None
            for request in tasks.requests(content):
                try:
                    pid = _fork()
                except OSError:  # no memory, or too many processes
                    tasks.answer(id=request["id"], refused=1)
                    continue
                if pid == 0:
                    _leave(tasks, answers, ended, wake)
                    return request
                tasks.ids[pid] = request["id"]
                tasks.answer(id=request["id"], pid=pid)
    return None


def _leave(tasks: _Tasks, *files: int) -> None:
    """Closes, in a new process, what only the server uses."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for each in files:
        os.close(each)
    for caller in tasks.callers.values():
        caller.close()


def _fork() -> int:
    """Forks; in this process, returns when the new one leads its own process group."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of threads. Those of OpenBLAS and jemalloc, which imports start, survive a fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(read)
        os.close(write)
        return 0
    os.close(write)
    os.read(read, 1)
    os.close(read)
    return pid


def become(request: Request) -> None:
    """Makes this process what a new process for the request would be, and runs the module."""
    files = request.get("files") or _files(request["log"])
    for target, source in enumerate(files):
        os.dup2(source, target)
    for each in set(files):
        os.close(each)
    if "files" in request:
        callers.take_terminal()
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()  # the C library keeps the time zone of its first use
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    os.chdir(request["cwd"])
    # Python's own generator gets a new seed at a fork, that of numpy does not.
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    sys.argv = ["", *request["arguments"]]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


def _files(log: str) -> tuple[int, int, int]:
    """Nothing as input, and the log as output and errors."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return nothing, output, output


def main() -> int:
    """Imports, and serves; in the process of a task, runs the task."""
    # What an import prints is no answer.
    answers = os.dup(1)
    os.dup2(2, 1)
    with callers.listening(sys.argv[1] if len(sys.argv) > 1 else None) as listener:
        for name in IMPORTED:
            importlib.import_module(name)
        # Collections of the tasks do not touch, and so copy, the memory that they share.
        gc.collect()
        gc.freeze()
        request = serve(answers, listener)
    if request is not None:
        become(request)
    return 0


if __name__ == "__main__":
    sys.exit(main())
