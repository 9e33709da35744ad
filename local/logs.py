"""Reads and follows the logs of the local workspace's processes."""

import time
from collections.abc import Iterator
from pathlib import Path

_POLL_SECONDS = 0.3


def last_lines(log: Path, lines: int) -> list[str]:
    """Return the last lines of a log; an empty list if there is no log."""
    if not log.exists():
        return []
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]


def follow(logs: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield each line added to a log from now on, with the name of the log. Never ends."""
    return _new_lines(logs, {name: _size(log) for name, log in logs.items()})


def _new_lines(logs: dict[str, Path], positions: dict[str, int]) -> Iterator[tuple[str, str]]:
    while True:
        for name, log in logs.items():
            size = _size(log)
            # A shorter log is a new log: the process was restarted.
            start = positions[name] if size >= positions[name] else 0
            text, positions[name] = _complete_lines(log, start, size)
            yield from ((name, line) for line in text.splitlines())
        time.sleep(_POLL_SECONDS)


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _complete_lines(log: Path, start: int, end: int) -> tuple[str, int]:
    if end <= start:
        return "", start
    with log.open("rb") as stream:
        stream.seek(start)
        content = stream.read(end - start)
    complete = content[: content.rfind(b"\n") + 1]
    return complete.decode("utf-8", errors="replace"), start + len(complete)
