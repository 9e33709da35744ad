"""The time or event that starts a job, as text.

Source: Databricks Jobs API, `schedule`, `trigger`, `triggers`, `continuous`; Quartz documentation,
"Cron Trigger Tutorial".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_DAYS = {"SUN": "Sun", "MON": "Mon", "TUE": "Tue", "WED": "Wed", "THU": "Thu", "FRI": "Fri", "SAT": "Sat"}
_OWN_BLOCK = ("schedule", "continuous")  # the other entries have the form of a `trigger`
_BY_NUMBER = dict(zip("1234567", _DAYS.values(), strict=True))


def when(arguments: Mapping[str, Any]) -> str:
    """The start of a job or pipeline: `Thu at 16:00 (Europe/Brussels)`; "" where nothing starts it."""
    return "; ".join([*_started(arguments), *_several(arguments)])


def _started(arguments: Mapping[str, Any]) -> list[str]:
    return [*_scheduled(arguments), *_triggered(arguments), *_continuous(arguments)]


def _several(arguments: Mapping[str, Any]) -> list[str]:
    """The entries of `triggers`: each has one block that says when, and its own pause status."""
    entries = arguments.get("triggers")
    found: list[str] = []
    for one in entries if isinstance(entries, list) else ():
        paused = {"pause_status": one.get("pause_status")}
        blocks = {name: {**_block(one, name), **paused} for name in _OWN_BLOCK if one.get(name)}
        found += _started(blocks or {"trigger": one})
    return found


def _block(arguments: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    blocks = arguments.get(name)
    first = blocks[0] if isinstance(blocks, list) and blocks else blocks
    return first if isinstance(first, Mapping) else {}


def _scheduled(arguments: Mapping[str, Any]) -> list[str]:
    schedule = _block(arguments, "schedule")
    if not schedule:
        return []
    text = cron(str(schedule.get("quartz_cron_expression") or ""))
    notes = [str(zone)] if (zone := schedule.get("timezone_id")) else []
    notes += ["paused"] if _is_paused(schedule) else []
    return [f"{text} ({', '.join(notes)})" if notes else text]


def _triggered(arguments: Mapping[str, Any]) -> list[str]:
    trigger = _block(arguments, "trigger")
    if not trigger:
        return []
    if periodic := _block(trigger, "periodic"):
        number, unit = periodic.get("interval"), str(periodic.get("unit") or "").lower()
        return [f"every {number} {unit}{_paused(trigger)}"]
    if files := _block(trigger, "file_arrival"):
        return [f"when files arrive in {files.get('url')}{_paused(trigger)}"]
    if tables := _block(trigger, "table_update"):
        names = tables.get("table_names")
        subject = ", ".join(map(str, names)) if isinstance(names, list) else "a table"
        return [f"when {subject} changes{_paused(trigger)}"]
    return [f"on a trigger{_paused(trigger)}"]


def _continuous(arguments: Mapping[str, Any]) -> list[str]:
    if arguments.get("continuous") is True:  # of a pipeline
        return ["continuously"]
    continuous = _block(arguments, "continuous")
    return [f"continuously{_paused(continuous)}"] if continuous else []


def _is_paused(block: Mapping[str, Any]) -> bool:
    return block.get("pause_status") == "PAUSED"


def _paused(block: Mapping[str, Any]) -> str:
    return " (paused)" if _is_paused(block) else ""


def cron(expression: str) -> str:
    """A Quartz expression in plain English where that is short; else the expression itself."""
    fields = expression.split()
    if len(fields) not in (6, 7) or (len(fields) == 7 and fields[6] != "*"):
        return expression
    second, minute, hour, day, month, weekday = fields[:6]
    if not (second.isdigit() and minute.isdigit() and month == "*"):
        return expression
    if not (days := _days(day, weekday)):
        return expression
    if hour == "*" and days == "every day":
        return "every hour" if minute == second == "0" else f"every hour at :{_two(minute)}"
    if not hour.isdigit():
        return expression
    clock = f"{_two(hour)}:{_two(minute)}" + (f":{_two(second)}" if second != "0" else "")
    return f"{days} at {clock}"


def _days(day: str, weekday: str) -> str:
    if weekday in ("?", "*") and day in ("?", "*"):
        return "every day"
    if weekday in ("?", "*"):
        return f"on day {day} of every month" if day.isdigit() else ""
    if day not in ("?", "*"):
        return ""
    parts = re.split(r"([-,])", weekday.upper())
    named = [_DAYS.get(part) or _BY_NUMBER.get(part) or (part if part in "-," else "") for part in parts]
    return "".join(named).replace("-", " to ").replace(",", ", ") if all(named) else ""


def _two(number: str) -> str:
    return number.zfill(2)
