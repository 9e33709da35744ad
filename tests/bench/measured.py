"""Time, processor time and memory of commands."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MESH = [sys.executable, "-c", "from mesh.cli.main import main; main()"]
SYNTH = [sys.executable, "-O", str(ROOT / "main.py")]
IDENTITY = {
    "MESH_USER": "ola.nordmann@acme.example",
    "MESH_GIT_URL": "https://github.com/acme/mesh",
    "MESH_GIT_BRANCH": "main",
    "MESH_ENV": "dev",
}


@dataclass(frozen=True)
class Run:
    """One run of a command, with all processes that it waited for.

    Args:
        seconds: the wall time.
        processor: the processor time of all processes, in seconds.
        megabytes: the memory of the largest process.
    """

    seconds: float
    processor: float
    megabytes: float


@dataclass(frozen=True)
class Case:
    """A command that is measured.

    Args:
        what: the work, in words.
        command: the command.
        variables: environment variables, in addition to those of all commands.
        prepare: is called before each run, and not measured.
        exit_code: the exit code that the command must have.
        output: the folder of the Terraform code; by default a new one for each run.
    """

    what: str
    command: Sequence[str]
    variables: Mapping[str, str]
    prepare: Callable[[], None] | None = None
    exit_code: int = 0
    output: Path | None = None


@dataclass(frozen=True)
class Figure:
    """The medians of the runs of a command.

    Args:
        what: the work, in words.
        runs: the number of runs.
        seconds: the median of the wall time.
        fastest: the shortest wall time.
        slowest: the longest wall time.
        processor: the median of the processor time, in seconds.
        megabytes: the largest memory of a process.
    """

    what: str
    runs: int
    seconds: float
    fastest: float
    slowest: float
    processor: float
    megabytes: float

    def plain(self) -> dict[str, Any]:
        """The figure for JSON."""
        return {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def figure(what: str, runs: Sequence[Run]) -> Figure:
    """The medians of some runs."""
    seconds = [one.seconds for one in runs]
    return Figure(
        what,
        len(runs),
        median(seconds),
        min(seconds),
        max(seconds),
        median(one.processor for one in runs),
        max(one.megabytes for one in runs),
    )


def alternately(cases: Sequence[Case], runs: int) -> list[Figure]:
    """Measures commands in turn, so that other load on the machine meets all of them."""
    found: list[list[Run]] = [[] for _ in cases]
    for _ in range(runs):
        for case, held in zip(cases, found, strict=True):
            held.append(run(case))
    return [figure(case.what, held) for case, held in zip(cases, found, strict=True)]


def run(case: Case) -> Run:
    """Runs a command once.

    Raises:
        RuntimeError: it ended with another exit code, so that what was measured is something else.
    """
    if case.prepare:
        case.prepare()
    own = os.pathsep.join(map(str, (ROOT, ROOT / "constructs")))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as text:
        output = str(case.output or folder)
        environ = {**os.environ, **IDENTITY, "PYTHONPATH": own, "CDKTF_OUTDIR": output, **case.variables}
        started = time.perf_counter()
        process = subprocess.Popen(case.command, cwd=ROOT, env=environ, stdout=text, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != case.exit_code:
            text.seek(0)
            raise RuntimeError(f"{case.what} ended with {process.returncode}: {text.read().decode()}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)
