"""Install step by step: what is done already is skipped, what was interrupted starts again."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TextIO

Key = Mapping[str, str]


class InstallError(Exception):
    """A step failed.

    Args:
        message: what failed and what the reader can do about it.
    """


@dataclass(frozen=True)
class Step:
    """One thing to install.

    Args:
        name: what the reader sees.
        key: reads all that the result depends on, by name. The step is done while that is what it was when
            the step last ran to its end.
        stamp: the file that says so. It lies inside what the step makes, so that both go together.
        run: installs it and returns a few words on what there is now. It is told the key of the last complete
            installation: None when there was none, or when it was interrupted.
    """

    name: str
    key: Callable[[], Key]
    stamp: Path
    run: Callable[[Key | None], str]

    def last(self) -> Key | None:
        """Return the key of the last complete installation."""
        return last(self.stamp)

    def done(self) -> bool:
        """Tell whether nothing has changed since the last complete installation."""
        return self.last() == self.key()


def last(stamp: Path) -> Key | None:
    """Return the key of the last complete installation that a stamp tells of."""
    try:
        key = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return key if isinstance(key, dict) else None


def install(steps: Sequence[Step], show: TextIO) -> int:
    """Run the steps that are not done, one line each, and return how many ran.

    Raises:
        InstallError: of the first step that failed; the ones before it stay done.
    """
    ran = 0
    for step in steps:
        if step.done():
            continue
        last = step.last()
        # From here on the last installation is not whole any more, until this one is.
        step.stamp.unlink(missing_ok=True)
        with _line(f"{step.name} … ", show) as line:
            found = step.run(last)
            _write_whole(step.stamp, json.dumps(step.key(), indent=1))
            line.append(f", {found}")
        ran += 1
    return ran


@contextmanager
def _line(beginning: str, show: TextIO) -> Iterator[list[str]]:
    """Show a line for as long as something takes: its beginning, the seconds, what the caller appended.

    On a terminal the seconds go up as they pass.
    """
    started, over = time.monotonic(), threading.Event()

    def count() -> None:
        while not over.wait(1):
            show.write(f"\r{beginning}{time.monotonic() - started:.0f} s")
            show.flush()

    show.write(beginning)
    show.flush()
    counter = threading.Thread(target=count, daemon=True)
    if show.isatty():
        counter.start()
    rest: list[str] = []
    try:
        yield rest
    finally:
        over.set()
        if show.isatty():
            counter.join()
            show.write(f"\r{beginning}")
        show.write(f"{time.monotonic() - started:.1f} s{''.join(rest) or ', not done'}\n")
        show.flush()


def run(
    command: Sequence[str | Path], *, log: Path, remedy: str, env: Mapping[str, str], folder: Path
) -> None:
    """Run a command in a folder, with its output in the log.

    Raises:
        InstallError: it failed; the message holds the end of what it said, and the remedy.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        stream.write(f"$ {' '.join(map(str, command))}\n".encode())
        stream.flush()
        begin = stream.tell()
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=env, cwd=folder
            )
        except OSError as error:
            raise InstallError(f"{command[0]}: {error.strerror}\n{remedy}") from error
        with process:
            try:
                code = process.wait()
            except BaseException:
                process.terminate()
                raise
    if code:
        said = log.read_bytes()[begin:].decode(errors="replace").strip().splitlines()
        short = " ".join(Path(word).name for word in command[:3])
        raise InstallError("\n".join([f"`{short}` failed:", *said[-12:], remedy, f"(all of it: {log})"]))


def digest(*files: Path) -> str:
    """Return one hash of the contents of several files; a missing file counts as empty."""
    whole = sha256()
    for file in files:
        content = file.read_bytes() if file.exists() else b""
        whole.update(sha256(content).digest())
    return whole.hexdigest()


def identity(file: Path | None) -> str:
    """Return what tells an executable from its successor without running it."""
    if file is None or not file.exists():
        return "none"
    facts = file.stat()
    return f"{file} {facts.st_size} {facts.st_mtime_ns}"


def _write_whole(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.write_text(text, encoding="utf-8")
    half.replace(file)
