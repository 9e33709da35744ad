"""What failed in a command of dbt: each model, seed, snapshot and test with its file and message."""

import re
from collections.abc import Callable, Iterator
from typing import Any

FAILED = ("error", "fail", "runtime error", "partial success")
"""Source: dbt-core, `RunStatus`, `TestStatus` and `FreshnessStatus`."""
_HEADING = re.compile(r"^\w[\w ]* (?:in|of) .*\(.*\)$")
# Spark adds the statement, or the whole plan, to its messages; dbt's output has them.
_CONTEXT = re.compile(r"(?: ?== SQL |; line \d+ pos \d+;).*")
_FILE = re.compile(r"\((?P<file>[^()\s]+\.(?:sql|yml|yaml|py|csv|md))\)")

Place = Callable[[str], str]


def described(command: str, done: Any, place: Place) -> str:
    """Return what failed: one line, then a line for each object if several failed.

    Args:
        command: the command.
        done: dbt's result of the command, a `dbtRunnerResult`.
        place: names a file, which is relative to the project.
    """
    objects = list(_objects(done.result, place))
    if not objects:
        reason = _on_one_line(str(done.exception), place) if done.exception else ""
        return f"`{command}` failed{': ' if reason else ''}{reason}"
    if len(objects) == 1:
        return f"`{command}` failed: {objects[0]}"
    return "\n".join([f"`{command}` failed: {len(objects)} errors, first {objects[0]}", *objects[1:]])


def _objects(result: Any, place: Place) -> Iterator[str]:
    # `dbt run`, `build`, `seed`, `snapshot` and `test` have results; `dbt parse` and others have none.
    for each in getattr(result, "results", None) or ():
        if each.status in FAILED:
            node = each.node
            file = place(str(node.original_file_path))
            yield f"{node.resource_type} {node.name} ({file}): {_reason(each.message, place)}"


def _reason(message: str | None, place: Place) -> str:
    """Return dbt's message without its heading, which repeats the object, and the notes at its end."""
    lines = [line.strip() for line in (message or "failed").splitlines() if line.strip()]
    own = [line for line in lines if not _HEADING.match(line) and not line.startswith("compiled code at")]
    return _CONTEXT.sub("", _on_one_line(" ".join(own or lines), place))


def _on_one_line(text: str, place: Place) -> str:
    return _FILE.sub(lambda found: f"({place(found['file'])})", " ".join(text.split()))
