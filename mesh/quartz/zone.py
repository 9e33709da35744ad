"""Time zones as Java knows them, which `timezone_id` names.

Source: Databricks Jobs API, `CronSchedule.timezone_id` ("A Java timezone ID"); Java 17, `java.util.TimeZone`.
Java takes an unknown name for GMT without a word. The data comes from the package tzdata, so that it is the
same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

# Java's names of three letters that tzdata lacks or means otherwise.
# Source: Java 17, `TimeZone.getTimeZone(id)` of each, and its rules in 2026.
_SHORT: Mapping[str, str] = {
    "ACT": "Australia/Darwin",
    "AET": "Australia/Sydney",
    "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo",
    "AST": "America/Anchorage",
    "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka",
    "CAT": "Africa/Harare",
    "CNT": "America/St_Johns",
    "CST": "America/Chicago",
    "CTT": "Asia/Shanghai",
    "EAT": "Africa/Addis_Ababa",
    "ECT": "Europe/Paris",
    "IET": "America/Indiana/Indianapolis",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "MIT": "Pacific/Apia",
    "NET": "Asia/Yerevan",
    "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi",
    "PNT": "America/Phoenix",
    "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles",
    "SST": "Pacific/Guadalcanal",
    "VST": "Asia/Ho_Chi_Minh",
}
# Names of tzdata that Java does not know
_NOT_IN_JAVA = frozenset({"Factory", "GMT+0", "GMT-0", "ROC"})
# Java 17, `TimeZone`: "GMT Sign Hours : Minutes", "GMT Sign Hours Minutes", "GMT Sign Hours"
_CUSTOM = re.compile(r"GMT([+-])(?:(\d{1,2})(?::(\d\d))?|(\d{1,2})(\d\d))")


def zone(name: str) -> tzinfo | None:
    """The time zone of a Java name; None if Java does not know the name and would take GMT.

    Args:
        name: the name, in exact case, such as `Europe/Oslo`, `UTC`, `PST` or `GMT+05:30`.
    """
    if name == "UTC":
        return UTC
    if custom := _CUSTOM.fullmatch(name):
        return _custom(*custom.groups())
    name = _SHORT.get(name, name)
    return _zone(name) if name in names() and name not in _NOT_IN_JAVA else None


@cache
def names() -> frozenset[str]:
    """The names of tzdata."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@cache
def _zone(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _custom(sign: str, *parts: str | None) -> tzinfo | None:
    hours, minutes, joined_hours, joined_minutes = parts
    hour, minute = int(hours or joined_hours or 0), int(minutes or joined_minutes or 0)
    if hour > 23 or minute > 59:
        return None
    offset = timedelta(hours=hour, minutes=minute)
    return timezone(-offset if sign == "-" else offset)


def clock_changes(where: tzinfo, after: datetime, days: int = 366) -> list[datetime]:
    """The moments at which the clock of a zone is changed, in UTC.

    Args:
        where: the zone.
        after: the first moment.
        days: the length of the period.
    """
    start = after.astimezone(UTC).replace(microsecond=0)
    moments = [start + timedelta(days=number) for number in range(days + 1)]
    offsets = [moment.astimezone(where).utcoffset() for moment in moments]
    return [
        _change(where, moments[number], moments[number + 1])
        for number in range(days)
        if offsets[number] != offsets[number + 1]
    ]


def _change(where: tzinfo, before: datetime, after: datetime) -> datetime:
    """The moment of the change between two moments, by halving."""
    offset = before.astimezone(where).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(where).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
