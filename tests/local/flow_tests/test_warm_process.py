"""A forked process with the terminal of its caller: it is as a new one, and ends with its caller."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from local.flow_tests import warm_process

FACTS = """
import json, os, sys, time
facts = {"argv": sys.argv[1:], "cwd": os.getcwd(), "variable": os.environ["X"], "parent": os.getppid()}
facts |= {"zone": time.strftime("%z"), "input": sys.stdin.isatty(), "æ": "ø"}
print(json.dumps(facts, ensure_ascii=False))
print("on stderr", file=sys.stderr)
sys.exit(3)
"""
WAITING = """
import pathlib, signal
try:
    print("waiting")
    signal.pause()
except KeyboardInterrupt:
    pathlib.Path("interrupted").touch()
"""


@pytest.fixture(scope="module")
def forks() -> Iterator[tuple[Path, int]]:
    """The socket of a running fork server, and its process."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "forks"
    command = [sys.executable, "-P", "-m", "local.notebook.fork_server", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        while not path.exists() and process.poll() is None:
            pass
        yield path, process.pid
        process.stdin.close()
        assert process.wait(20) == 0
        assert not folder.exists()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def told() -> dict[str, object]:
    """What the workspace says; nothing is an answer that is no JSON."""
    return {}


@pytest.fixture
def environment(told: dict[str, object]) -> Iterator[dict[str, str]]:
    """The variables of a test run, with the address of the workspace."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.headers["Authorization"] == "Bearer t" else 401)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode() if told else b"<html>")

        def log_message(self, *arguments: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as served:
        Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
        address = f"http://127.0.0.1:{served.server_port}"
        yield {
            **os.environ,
            "DATABRICKS_HOST": address,
            "DATABRICKS_TOKEN": "t",
            "X": "Ærø",
            "TZ": "XST-5:30",
        }
        served.shutdown()


def test_the_process_has_the_callers_terminal_folder_and_variables(
    forks: tuple[Path, int],
    told: dict[str, object],
    environment: dict[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    told |= {"socket": str(forks[0]), "prefix": sys.prefix}
    told |= {"settings": warm_process.python_settings(environment)}
    script = tmp_path / "facts.py"
    script.write_text(FACTS)
    arguments = [str(tmp_path), str(script), "Ærø", "2"]

    assert warm_process.run("local.notebook.script", arguments, tmp_path, environment) == 3

    output, errors = capfd.readouterr()
    assert errors == "on stderr\n"
    facts = {"argv": ["Ærø", "2"], "cwd": str(tmp_path), "variable": "Ærø", "parent": forks[1]}
    assert json.loads(output) == {**facts, "zone": "+0530", "input": sys.__stdin__.isatty(), "æ": "ø"}


def test_it_keeps_no_byte_code_beside_the_tests(
    forks: tuple[Path, int], told: dict[str, object], environment: dict[str, str], tmp_path: Path
) -> None:
    """As a new process, which reads the variable when it starts."""
    told |= {"socket": str(forks[0]), "prefix": sys.prefix}
    told |= {"settings": warm_process.python_settings(environment)}
    code = "import os, sys; os._exit(40 + sys.dont_write_bytecode)"

    for value, ended in (("1", 41), ("", 40)):
        variables = environment | {"PYTHONDONTWRITEBYTECODE": value}
        assert warm_process.run("timeit", ["-n1", code], tmp_path, variables) == ended


def test_it_is_interrupted_when_its_caller_ends(forks: tuple[Path, int], tmp_path: Path) -> None:
    script = tmp_path / "waiting.py"
    script.write_text(WAITING)
    request = {"module": "local.notebook.script", "arguments": [str(tmp_path), str(script)]}
    request |= {"cwd": str(tmp_path), "environment": dict(os.environ)}
    reading, writing = os.pipe()
    with socket.socket(socket.AF_UNIX) as caller, os.fdopen(reading) as output:
        caller.connect(str(forks[0]))
        socket.send_fds(caller, [json.dumps(request).encode() + b"\n"], [0, writing, 2])
        os.close(writing)
        process = psutil.Process(json.loads(caller.makefile().readline())["pid"])
        assert output.readline() == "waiting\n"

    assert psutil.wait_procs([process], 10) == ([process], [])
    assert (tmp_path / "interrupted").exists()


@pytest.mark.parametrize(
    "other", [{}, {"prefix": "/other"}, {"settings": {"PYTHONPATH": "/other"}}, {"socket": "/no/socket"}]
)
def test_without_a_fitting_process_the_caller_starts_one(
    told: dict[str, object], environment: dict[str, str], tmp_path: Path, other: dict[str, object]
) -> None:
    if other:
        told |= {"socket": "", "prefix": sys.prefix, "settings": warm_process.python_settings(environment)}
    told |= other

    assert warm_process.run("pytest", [], tmp_path, environment) is None


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ('{"code": 1}\n', None),
        ("", None),
        ('{"pid": 99999999}\n', -9),
        ('{"pid": 99999999}\n{"code": 5}\n', 5),
    ],
)
def test_only_a_process_that_never_started_is_replaced(
    told: dict[str, object], environment: dict[str, str], answers: str, code: int | None
) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        told |= {"socket": f"{folder}/s", "prefix": sys.prefix}
        told |= {"settings": warm_process.python_settings(environment)}
        listener.bind(f"{folder}/s")
        listener.listen()

        def answer() -> None:
            with listener.accept()[0] as caller:
                caller.recv(1 << 20)
                caller.sendall(answers.encode())

        Thread(target=answer, daemon=True).start()
        assert warm_process.run("pytest", [], Path(folder), environment) == code


def test_without_a_workspace_that_answers_the_caller_starts_one(tmp_path: Path) -> None:
    variables = {"DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_TOKEN": "t"}

    assert warm_process.run("pytest", [], tmp_path, variables) is None
