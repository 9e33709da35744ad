"""Remedies for expressions that Quartz refuses, or reads otherwise than they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mesh.quartz.expression import Misread, misread_parts, parse, split
from mesh.quartz.field import MONTHS, WEEKDAYS, Field, QuartzError

_FIELDS = ("seconds", "minutes", "hours", "days of the month", "months", "days of the week", "years")
_CRON_FIELDS = 5  # without seconds
_WEEKDAY_NAMES = (*WEEKDAYS, "SUN")  # of cron's numbers 0 to 7
_ZERO = re.compile(r"(?<![\w#/])0(?!\w)")  # Sunday in cron, no day of Quartz
_STEPPED_NAME = re.compile(r"([A-Z]{3})(-[A-Z]{3})?/([1-9]\d?)")


def refusal(text: str, error: QuartzError) -> str:
    """Why Quartz refuses an expression, with Quartz's own words and a remedy.

    Args:
        text: the expression.
        error: the refusal.
    """
    where = f" in the {_FIELDS[error.field]}" if error.field is not None else ""
    reason = f"Quartz refuses `{text[:60]}`{where}: {error.message[:120]}"
    return f"{reason} ({_remedy(text, error)})"


def _remedy(text: str, error: QuartzError) -> str:
    if meant := suggestion(text):
        return f"did you mean `{meant}`?"
    if error.message.startswith("Increment"):
        return "a step begins anew in each minute, hour, day, month or year, so a longer one has no effect"
    if len(split(text)) < len(Field) - 1:
        return "write seconds, minutes, hours, day, month, weekday: `0 30 5 * * ?`"
    return "docs/jobs.md#schedules explains the fields"


def suggestion(text: str) -> str | None:
    """An expression that Quartz accepts and that is probably meant; None without a good guess."""
    return next((one for one in _candidates(text) if _is_clear(one)), None)


def _is_clear(text: str) -> bool:
    try:
        return not list(misread_parts(parse(text)))
    except QuartzError:
        return False


def _candidates(text: str) -> Iterator[str]:
    joined = re.sub(r"\s*,\s*", ",", text.strip())
    fields = split(joined)
    yield " ".join(fields)
    if fields[:2] == ["0", "0"] and len(fields) == _CRON_FIELDS:
        yield " ".join([*fields, "?"])  # with seconds already
    if len(fields) == _CRON_FIELDS:
        fields = ["0", *fields[:4], _from_cron(fields[4])]
    if len(fields) in (6, 7):
        yield " ".join(fields)
        if fields[5] == "*" or fields[3] == fields[5] == "?":
            yield " ".join([*fields[:3], "*" if fields[3] == "?" else fields[3], fields[4], "?", *fields[6:]])
        if fields[3] == "*":
            yield " ".join([*fields[:3], "?", *fields[4:]])
        if _ZERO.search(fields[5]):
            yield " ".join([*fields[:5], _from_cron(fields[5]), *fields[6:]])


def _from_cron(weekdays: str) -> str:
    """The names of cron's weekdays, which count from 0 on Sunday."""
    if re.search(r"[/#L]", weekdays, re.IGNORECASE):
        return weekdays
    return re.sub(r"\b[0-7]\b", lambda number: _WEEKDAY_NAMES[int(number[0])], weekdays)


def misreading(one: Misread) -> str:
    """What Quartz makes of a part that it reads otherwise than it is written, with a remedy."""
    value, where = one.value[:40], _FIELDS[one.field]
    if not one.read:
        return f"Quartz accepts `{value}` in the {where}, but it never comes (correct it)"
    what = f"Quartz reads `{value}` in the {where} as `{one.read[:40]}`"
    if numbers := in_numbers(one):
        return f"{what} and drops the step (write {numbers})"
    return f"{what} ({f'remove `{one.ignored[:40]}`' if one.ignored else f'write `{one.read[:40]}`'})"


def in_numbers(one: Misread) -> str | None:
    """The same with numbers, and as a list, for a step after a name, which Quartz drops; None for others."""
    found = _STEPPED_NAME.fullmatch(one.value)
    if not found:
        return None
    names = MONTHS if one.field is Field.MONTH else WEEKDAYS
    first, last, step = found.groups()
    numbers = f"{names[first]}{f'-{names[last[1:]]}' if last else ''}/{step}"
    text = f"0 0 0 1 {numbers} ?" if one.field is Field.MONTH else f"0 0 0 ? * {numbers}"
    try:
        values = parse(text).values[one.field]
    except QuartzError:
        return None
    listed = ",".join(list(names)[value - 1] for value in values)
    return f"`{numbers}`, which is {listed}"
