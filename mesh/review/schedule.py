"""When a job runs, in words.

Source: Databricks Jobs API, `schedule`, `trigger`, `continuous`; Quartz documentation, "Cron Trigger
Tutorial".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

NEVER = "never on its own"
_DAYS = {"SUN": "Sun", "MON": "Mon", "TUE": "Tue", "WED": "Wed", "THU": "Thu", "FRI": "Fri", "SAT": "Sat"}
_BY_NUMBER = dict(zip("1234567", _DAYS.values(), strict=True))


def when(arguments: Mapping[str, Any]) -> str:
    """When a job or pipeline runs: `Thu at 16:00 (Europe/Brussels)`, `never on its own`."""
    told = [*_scheduled(arguments), *_triggered(arguments), *_continuous(arguments)]
    return "; ".join(told) or NEVER


def _block(arguments: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    blocks = arguments.get(name)
    first = blocks[0] if isinstance(blocks, list) and blocks else blocks
    return first if isinstance(first, Mapping) else {}


def _scheduled(arguments: Mapping[str, Any]) -> list[str]:
    said = _block(arguments, "schedule")
    if not said:
        return []
    zone = said.get("timezone_id")
    text = cron(str(said.get("quartz_cron_expression") or "")) + (f" ({zone})" if zone else "")
    return [text + _paused(said)]


def _triggered(arguments: Mapping[str, Any]) -> list[str]:
    said = _block(arguments, "trigger")
    if not said:
        return []
    if periodic := _block(said, "periodic"):
        number, unit = periodic.get("interval"), str(periodic.get("unit") or "").lower()
        return [f"every {number} {unit}{_paused(said)}"]
    if files := _block(said, "file_arrival"):
        return [f"when files arrive in {files.get('url')}{_paused(said)}"]
    if tables := _block(said, "table_update"):
        names = tables.get("table_names")
        what = ", ".join(map(str, names)) if isinstance(names, list) else "a table"
        return [f"when {what} changes{_paused(said)}"]
    return [f"when it is triggered{_paused(said)}"]


def _continuous(arguments: Mapping[str, Any]) -> list[str]:
    if arguments.get("continuous") is True:  # of a pipeline
        return ["all the time"]
    said = _block(arguments, "continuous")
    return [f"all the time{_paused(said)}"] if said else []


def _paused(said: Mapping[str, Any]) -> str:
    return ", but paused" if said.get("pause_status") == "PAUSED" else ""


def cron(expression: str) -> str:
    """A Quartz expression in words, where few do; else as it is."""
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
