"""References such as `{{job.id}}` in the settings of jobs, which Databricks replaces when a task runs.

Source: Databricks documentation, "Dynamic value references". A reference in a known namespace that means
nothing is an error there; other text in double braces stays as it is.
"""

import re
from collections.abc import Sequence

REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")

# The parts of a point in time.
TIMES = (
    "iso_date",
    "iso_datetime",
    "iso_weekday",
    "is_weekday",
    "timestamp_ms",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
)
_ANY, _TIME = "<name>", "<time>"
# One word for each part of the name; the last name may contain dots.
KNOWN = (
    ("job", "id"),
    ("job", "name"),
    ("job", "run_id"),
    ("job", "repair_count"),
    ("job", "start_time", _TIME),
    ("job", "parameters", _ANY),
    ("job", "trigger", "type"),
    ("job", "trigger", "time", _TIME),
    ("job", "trigger", "file_arrival", "location"),
    ("job", "trigger", "table_update", "updated_tables"),
    ("job", "trigger", "table_update", _ANY, "version"),
    ("job", "trigger", "table_update", _ANY, "commit_timestamp"),
    ("task", "name"),
    ("task", "run_id"),
    ("task", "execution_count"),
    ("task", "notebook_path"),
    ("tasks", _ANY, "run_id"),
    ("tasks", _ANY, "result_state"),
    ("tasks", _ANY, "error_code"),
    ("tasks", _ANY, "execution_count"),
    ("tasks", _ANY, "notebook_path"),
    ("tasks", _ANY, "values", _ANY),
    ("tasks", _ANY, "output", "rows"),
    ("tasks", _ANY, "output", "first_row"),
    ("tasks", _ANY, "output", "first_row", _ANY),
    ("tasks", _ANY, "output", "alert_state"),
    ("workspace", "id"),
    ("workspace", "url"),
    ("backfill", _TIME),
    ("input",),
    ("input", _ANY),
)
_NAMESPACES = {words[0] for words in KNOWN}
_PART = re.compile(r"`([^`]*)`|([^.`]+)")


def parts(name: str) -> tuple[str, ...]:
    """Return the parts of a reference; a part in backticks may contain dots."""
    return tuple(quoted or plain for quoted, plain in _PART.findall(name))


def is_known(name: str) -> bool:
    """Return whether Databricks has a value for a reference of this form."""
    found = parts(name)
    return any(_matches(words, found) for words in KNOWN)


def in_namespace(name: str) -> bool:
    """Return whether a reference is in a namespace of Databricks, where unknown ones are errors."""
    first = parts(name)[:1]
    # Without a dot, all names but `input` are text or of the older form, such as `{{run_id}}`.
    return bool(first) and first[0] in _NAMESPACES and (len(parts(name)) > 1 or first == ("input",))


def with_namespace(name: str) -> list[str]:
    """Return the known references in the namespace of a reference, for errors."""
    namespace = parts(name)[0]
    return [".".join(words) for words in KNOWN if words[0] == namespace]


def _matches(words: Sequence[str], found: Sequence[str]) -> bool:
    if words[-1] == _ANY and len(found) > len(words):
        found = [*found[: len(words) - 1], ".".join(found[len(words) - 1 :])]
    if words[:3] == ("job", "trigger", "table_update") and len(words) == 5 and len(found) > 5:
        found = [*found[:3], ".".join(found[3:-1]), found[-1]]
    return len(words) == len(found) and all(
        word in (part, _ANY) or (word == _TIME and part in TIMES)
        for word, part in zip(words, found, strict=True)
    )
