"""Processes of tasks: a fork of a process that has imported is what a new process would be."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.workspace.workflows import task_processes
from local.workspace.workflows.task_processes import MODULE_COMMAND, TaskProcesses, process_environment

SCRIPT = (*MODULE_COMMAND, "local.notebook.script")
FACTS = """
import json, os, sys
import numpy
print(json.dumps({
    "argv": sys.argv[1:], "cwd": os.getcwd(), "variable": os.environ["MESH_TASK"], "stdin": sys.stdin.read(),
    "leads its group": os.getpid() == os.getpgrp(), "parent": os.getppid(), "random": numpy.random.random(),
}))
print("on stderr", file=sys.stderr)
sys.exit(3)
"""


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets scripts be forked, which show more than a notebook without Spark."""
    monkeypatch.setattr(task_processes, "FORKED_MODULES", ("local.notebook.script",))


def test_a_forked_process_is_as_a_new_one_and_ends_like_one(tmp_path: Path, forked: None) -> None:
    codes, told = asyncio.run(_facts(tmp_path))

    assert codes == {"exit": 3, "again": 3, "new": 3, "killed": -9, "timeout": None, "missing": 1}
    forked_once, forked_again, new = told["exit"], told["again"], told["new"]
    assert forked_once["parent"] == forked_again["parent"] != new["parent"] == os.getpid()
    assert forked_once["random"] != forked_again["random"]
    for facts in told.values():
        assert facts | {"parent": 0, "random": 0} == {
            "argv": ["Ærø", "2"],
            "cwd": str(tmp_path),
            "variable": "job/task",
            "stdin": "",
            "leads its group": True,
            "parent": 0,
            "random": 0,
        }


async def _facts(folder: Path) -> tuple[dict[str, int | None], dict[str, dict[str, Any]]]:
    """Exit codes, and what the processes that succeed tell of themselves."""
    processes = TaskProcesses()
    environment = process_environment([], {"MESH_TASK": "job/task"})
    codes: dict[str, int | None] = {}

    async def run(name: str, source: str, seconds: float | None = None, own_imports: bool = False) -> None:
        script = folder / f"{name}.py"
        if source:
            script.write_text(source)
        command, log = [*SCRIPT, str(folder), str(script), "Ærø", "2"], folder / f"{name}.log"
        codes[name] = await processes.run(command, folder, environment, log, seconds, own_imports=own_imports)

    sleep = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    await asyncio.gather(run("exit", FACTS), run("again", FACTS), run("new", FACTS, own_imports=True))
    await run("killed", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    await run("timeout", sleep, seconds=0.5)
    await run("missing", "")
    cancelled = asyncio.create_task(run("cancelled", "print('started')\n" + sleep))
    while "started" not in _text(folder / "cancelled.log"):
        await asyncio.sleep(0.02)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    await processes.close()
    assert _started_in(folder) == [], "a process is left"
    told = {}
    for name in ("exit", "again", "new"):
        line, error = _text(folder / f"{name}.log").splitlines()
        told[name] = json.loads(line)
        assert error == "on stderr"
    return codes, told


def test_the_server_of_other_imports_is_replaced_and_one_that_was_killed_too(
    tmp_path: Path, forked: None
) -> None:
    """A process that was forked from a killed server is ended: nobody could tell its exit code."""

    async def scenario() -> list[int | None]:
        processes = TaskProcesses()
        script, log = tmp_path / "s.py", tmp_path / "log"
        command = [*SCRIPT, str(tmp_path), str(script)]
        environment = process_environment([], {})
        codes: list[int | None] = []
        script.write_text("import os, signal; print(); os.kill(os.getppid(), signal.SIGKILL); signal.pause()")
        codes.append(await processes.run(command, tmp_path, environment, log))
        script.write_text("import sys; sys.exit(0 if 'own' in sys.path else 4)")
        codes.append(await processes.run(command, tmp_path, environment, log))
        codes.append(await processes.run(command, tmp_path, {**environment, "PYTHONPATH": "own"}, log))
        await processes.close()
        return codes

    assert asyncio.run(scenario()) == [-9, 4, 4]


def test_other_commands_start_as_new_processes(tmp_path: Path) -> None:
    async def scenario() -> int | None:
        processes = TaskProcesses()
        code = "import os; print(os.getppid())"
        return await processes.run([sys.executable, "-c", code], tmp_path, dict(os.environ), tmp_path / "log")

    assert asyncio.run(scenario()) == 0
    assert _text(tmp_path / "log") == f"{os.getpid()}\n"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _started_in(folder: Path) -> list[int]:
    """The processes of this one that have not ended."""
    return [
        each.pid
        for each in psutil.Process().children(recursive=True)
        if each.status() != psutil.STATUS_ZOMBIE and each.cwd() == str(folder)
    ]
