"""What failed in a command of dbt: each model, seed, snapshot and test with its file and message."""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

FAILED = ("error", "fail", "runtime error", "partial success")
"""Source: dbt-core, `RunStatus`, `TestStatus` and `FreshnessStatus`."""
_HIDDEN = "DBT_ENV_SECRET"
"""Source: dbt documentation, "About env_var function", secrets."""
_HEADING = re.compile(r"^\w[\w ]* (?:in|of) .*\(.*\)$")
# Spark adds the statement, or the whole plan, to its messages; dbt's output has them.
_CONTEXT = re.compile(r"(?: ?== SQL |; line \d+ pos \d+;).*")
_FILE = re.compile(r"\((?P<file>[^()\s]+\.(?:sql|yml|yaml|py|csv|md))\)")

ROWS = 5
"""How many rows of a failed test are told."""
_TESTS_WITH_ROWS = 10
_LONGEST_VALUE = 80

Place = Callable[..., str]
Rows = Callable[[str], list[dict[str, Any]]]


def described(command: str, done: Any, place: Place, first_rows: Rows) -> str:
    """Return what failed: one line, then a line for each object if several failed, then rows of tests.

    Args:
        command: the command.
        done: dbt's result of the command, a `dbtRunnerResult`.
        place: names a file, which is relative to its package; `place(file, package)`.
        first_rows: returns the first `ROWS` rows of a query, and one if there are more.
    """
    return _without_secrets(_described(command, done, place, first_rows))


def _described(command: str, done: Any, place: Place, first_rows: Rows) -> str:
    objects = list(_objects(done.result, place))
    rows = list(_failing_rows(done.result, first_rows))
    if not objects:
        reason = _on_one_line(str(done.exception), place) if done.exception else ""
        return f"`{command}` failed{': ' if reason else ''}{reason}"
    if len(objects) == 1:
        return "\n".join([f"`{command}` failed: {objects[0]}", *rows])
    return "\n".join([f"`{command}` failed: {len(objects)} errors, first {objects[0]}", *objects[1:], *rows])


def _without_secrets(text: str) -> str:
    """Return a text as dbt's own output has it: an address of a package may hold a secret variable."""
    for name, value in os.environ.items():
        if name.startswith(_HIDDEN) and value.strip():
            text = text.replace(value, "*****")
    return text


def _objects(result: Any, place: Place) -> Iterator[str]:
    for each in _failed(result):
        node = each.node
        of_node = partial(place, package=node.package_name)
        file = of_node(str(node.original_file_path))
        yield f"{node.resource_type} {node.name} ({file}): {_reason(each.message, of_node)}"


def _failing_rows(result: Any, first_rows: Rows) -> Iterator[str]:
    """Yield the first rows of failed data tests, below their names."""
    tests = [each.node for each in _failed(result) if each.status == "fail"]
    for node in [each for each in tests if each.resource_type == "test"][:_TESTS_WITH_ROWS]:
        rows = first_rows(node.compiled_code) if node.compiled_code else []
        if rows:
            yield f"rows of {node.name}:"
        for row in rows[:ROWS]:
            yield "  " + ", ".join(f"{column}: {_shortened(value)}" for column, value in row.items())
        if len(rows) > ROWS:
            yield "  …"


def _failed(result: Any) -> list[Any]:
    # `dbt run`, `build`, `seed`, `snapshot` and `test` have results; `dbt parse` and others have none.
    return [each for each in getattr(result, "results", None) or () if each.status in FAILED]


def _shortened(value: Any) -> str:
    text = "null" if value is None else " ".join(str(value).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _reason(message: str | None, place: Place) -> str:
    """Return dbt's message without its heading, which repeats the object, and the notes at its end."""
    lines = [line.strip() for line in (message or "failed").splitlines() if line.strip()]
    own = [line for line in lines if not _HEADING.match(line) and not line.startswith("compiled code at")]
    return _CONTEXT.sub("", _on_one_line(" ".join(own or lines), place))


def _on_one_line(text: str, place: Place) -> str:
    return _FILE.sub(lambda found: f"({place(found['file'])})", " ".join(text.split()))
