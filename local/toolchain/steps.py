"""Installation in steps: a completed step is skipped, an interrupted step runs again."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TextIO

StepInputs = Mapping[str, str]

REMEDY = "Check that this machine reaches its package registries, then run `make install` again."

# The commands that run now, of all steps.
_running: set[subprocess.Popen[bytes]] = set()


class InstallError(Exception):
    """A step failed.

    Args:
        message: what failed, and the remedy.
    """


@dataclass(frozen=True)
class Step:
    """One step of the installation.

    Args:
        name: the label in the output.
        read_inputs: reads everything that the result depends on, by name. The step is up to date while these
            inputs equal those of its last complete installation.
        stamp: the file that stores the inputs of the last complete installation. It is inside the folder that
            the step installs, so both are removed together.
        run: installs, and returns a short description of the result. Its argument is the inputs of the last
            complete installation; None for the first installation and after an interrupted one.
        beside: True if the step may run at the same time as the step before it.
    """

    name: str
    read_inputs: Callable[[], StepInputs]
    stamp: Path
    run: Callable[[StepInputs | None], str]
    beside: bool = False

    def installed_inputs(self) -> StepInputs | None:
        """Return the inputs of the last complete installation."""
        return read_stamp(self.stamp)

    def is_current(self) -> bool:
        """Return whether the inputs are those of the last complete installation."""
        return self.installed_inputs() == self.read_inputs()


def read_stamp(stamp: Path) -> StepInputs | None:
    """Return the inputs that a stamp stores; None if it is missing or unreadable."""
    try:
        inputs = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return inputs if isinstance(inputs, dict) else None


def install(steps: Sequence[Step], output: TextIO) -> int:
    """Run the steps that are not up to date, with a line for those that run together; return how many ran.

    Raises:
        InstallError: a step failed; the steps before it, and one beside it that ended, stay installed.
    """
    count = 0
    for group in _groups(steps):
        outdated = [(step, step.installed_inputs()) for step in group if not step.is_current()]
        if not outdated:
            continue
        # The previous installation counts as incomplete until this one ends.
        for step, _ in outdated:
            step.stamp.unlink(missing_ok=True)
        with _progress_line(f"{' and '.join(step.name for step, _ in outdated)} … ", output) as ending:
            failures: list[InstallError] = []
            for step, result in _run_together(outdated):
                if isinstance(result, InstallError):
                    failures.append(result)
                    continue
                _write_atomically(step.stamp, json.dumps(step.read_inputs(), indent=1))
                ending.append(f", {result}")
            if failures:
                ending.clear()
                raise failures[0]
        count += len(outdated)
    return count


def _groups(steps: Sequence[Step]) -> list[list[Step]]:
    groups: list[list[Step]] = []
    for step in steps:
        if step.beside and groups:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _run_together(
    steps: Sequence[tuple[Step, StepInputs | None]],
) -> list[tuple[Step, str | InstallError]]:
    """Run steps at the same time; return what each returned or raised."""

    def run(step: Step, installed: StepInputs | None) -> str | InstallError:
        try:
            return step.run(installed)
        except InstallError as error:
            return error

    if len(steps) == 1:
        [(step, installed)] = steps
        return [(step, run(step, installed))]
    with ThreadPoolExecutor(len(steps)) as threads:
        futures = [(step, threads.submit(run, step, installed)) for step, installed in steps]
        try:
            return [(step, future.result()) for step, future in futures]
        except BaseException:
            # only this thread is interrupted, and would wait for the commands of the others
            for process in tuple(_running):
                process.terminate()
            raise


@contextmanager
def _progress_line(label: str, output: TextIO) -> Iterator[list[str]]:
    """Show one line during a step: its label, the seconds, and the texts that the caller appends.

    On a terminal, the seconds are updated every second.
    """
    started, ended = time.monotonic(), threading.Event()

    def show_seconds() -> None:
        while not ended.wait(1):
            output.write(f"\r{label}{time.monotonic() - started:.0f} s")
            output.flush()

    output.write(label)
    output.flush()
    timer = threading.Thread(target=show_seconds, daemon=True)
    if output.isatty():
        timer.start()
    ending: list[str] = []
    try:
        yield ending
    finally:
        ended.set()
        if output.isatty():
            timer.join()
            output.write(f"\r{label}")
        output.write(f"{time.monotonic() - started:.1f} s{''.join(ending) or ', not completed'}\n")
        output.flush()


def run(
    command: Sequence[str | Path], *, log: Path, remedy: str, env: Mapping[str, str], folder: Path
) -> None:
    """Run a command in a folder and append its output to the log.

    Raises:
        InstallError: the command failed; the message holds the end of its output, and the remedy.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        stream.write(f"$ {' '.join(map(str, command))}\n".encode())
        stream.flush()
        start = stream.tell()
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=env, cwd=folder
            )
        except OSError as error:
            raise InstallError(f"{command[0]}: {error.strerror}\n{remedy}") from error
        _running.add(process)
        with process:
            try:
                code = process.wait()
            except BaseException:
                process.terminate()
                raise
            finally:
                _running.discard(process)
    if code:
        lines = log.read_bytes()[start:].decode(errors="replace").strip().splitlines()
        short = " ".join(Path(argument).name for argument in command[:3])
        raise InstallError("\n".join([f"`{short}` failed:", *lines[-12:], remedy, f"(full log: {log})"]))


def digest(*files: Path) -> str:
    """Return one hash of the contents of several files; a missing file counts as empty."""
    combined = sha256()
    for file in files:
        content = file.read_bytes() if file.exists() else b""
        combined.update(sha256(content).digest())
    return combined.hexdigest()


def file_version(file: Path | None) -> str:
    """Return path, size and modification time of an executable, which change when it is replaced."""
    if file is None or not file.exists():
        return "none"
    status = file.stat()
    return f"{file} {status.st_size} {status.st_mtime_ns}"


def _write_atomically(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".half")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
