"""The logs of the local workspace's processes, as they are and as they grow."""

import time
from collections.abc import Iterator
from pathlib import Path

_POLL_SECONDS = 0.3


def last(log: Path, lines: int) -> list[str]:
    """Return the last lines of a log, none when there is no log."""
    if not log.exists():
        return []
    return log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]


def follow(logs: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield the name of a log and a line that was added to it, from the call on and without end."""
    return _added(logs, {name: _size(log) for name, log in logs.items()})


def _added(logs: dict[str, Path], at: dict[str, int]) -> Iterator[tuple[str, str]]:
    while True:
        for name, log in logs.items():
            size = _size(log)
            # Shorter than it was: a new start made a new log.
            start = at[name] if size >= at[name] else 0
            text, at[name] = _whole_lines(log, start, size)
            yield from ((name, line) for line in text.splitlines())
        time.sleep(_POLL_SECONDS)


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _whole_lines(log: Path, start: int, end: int) -> tuple[str, int]:
    if end <= start:
        return "", start
    with log.open("rb") as stream:
        stream.seek(start)
        content = stream.read(end - start)
    whole = content[: content.rfind(b"\n") + 1]
    return whole.decode("utf-8", errors="replace"), start + len(whole)
