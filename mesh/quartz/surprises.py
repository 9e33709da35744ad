"""What an expression does that its author hardly meant, although Quartz accepts it.

Source: Quartz 2.5.2, "Cron Trigger Tutorial" and `CronExpression`; the runs are those that it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile

from mesh.quartz.expression import Expression, java_int
from mesh.quartz.field import LAST_DAY, WEEKDAYS, Field
from mesh.quartz.fires import fires, next_fire
from mesh.quartz.zone import clock_changes

_NOT_IN_EVERY_MONTH = (29, 30, 31)
_LONGEST_MONTH = 31


@dataclass(frozen=True)
class Surprise:
    """A surprise.

    Args:
        code: its kind, a code of docs/findings.md.
        message: what happens and, in parentheses, the remedy.
    """

    code: str
    message: str


def surprises(expression: Expression, zone: tzinfo, now: datetime) -> Iterator[Surprise]:
    """Yields the surprises of an expression; nothing else where it never fires.

    Args:
        expression: the expression.
        zone: its zone.
        now: the moment from which its runs count.
    """
    if next_fire(expression, zone, now) is None:
        yield Surprise("schedule-never-runs", f"never runs: {_why_never(expression, zone, now)}")
        return
    yield from _short_months(expression)
    yield from _nearest_weekdays(expression)
    yield from _weekday_numbers(expression)
    yield from _uneven_steps(expression)
    yield from _clock_changes(expression, zone, now)


def _why_never(expression: Expression, zone: tzinfo, now: datetime) -> str:
    years = expression.values[Field.YEAR]
    every_year = replace(expression, values={**expression.values, Field.YEAR: range(1970, 3000)})
    if next_fire(every_year, zone, now) is None:
        return "no month that it names has the day (correct the day or the month)"
    if years and years[-1] < now.year:
        return f"the year {years[-1]} is over (correct the year, or leave it out)"
    return f"no run is left in {_list(years[-3:])} (correct the year or the date)"


def _short_months(expression: Expression) -> Iterator[Surprise]:
    """A day that is written as a number and that some of the months do not have."""
    if expression.by_weekday:
        return
    months = expression.values[Field.MONTH]
    for part in expression.fields[Field.DAY].split(","):
        number = part.removesuffix("W")
        day = java_int(number) if number.isdecimal() else 0
        short = [month for month in months if day > _days(month)]
        if day not in _NOT_IN_EVERY_MONTH or not short:
            continue
        if short == [2] and day == 29:
            what = "February has in leap years only"
        elif len(months) == 12:
            what = f"{len(months) - len(short)} of 12 months have"
        else:
            what = f"{_month_names(short)} {'does' if len(short) == 1 else 'do'} not have"
        last = "LW" if part.endswith("W") else "L"
        message = f"runs on day {day}, which {what} (write `{last}` for the last day of each month)"
        yield Surprise("schedule-short-months", message)


def _days(month: int) -> int:
    return {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, _LONGEST_MONTH)


def _month_names(months: Sequence[int]) -> str:
    return _list([f"{datetime(2027, month, 1, tzinfo=UTC):%B}" for month in months])


def _nearest_weekdays(expression: Expression) -> Iterator[Surprise]:
    """Several runs on a day with `W`: once the day has moved forward, Quartz finds only the first of them."""
    forward = [day for day in expression.nearest_weekdays if day not in (_LONGEST_MONTH, LAST_DAY)]
    kinds = (Field.SECOND, Field.MINUTE, Field.HOUR)
    if forward and not expression.by_weekday and any(len(expression.values[kind]) > 1 for kind in kinds):
        yield Surprise(
            "schedule-nearest-weekday",
            "runs only once in a month in which `W` moves the day forward, from a Sunday to Monday or from "
            "Saturday the 1st (write one time of day, or days without `W`)",
        )
    elif not expression.by_weekday and len({*expression.nearest_weekdays} - {1}) > 1:
        yield Surprise(
            "schedule-nearest-weekday",
            "leaves the later day with `W` out in a month in which the earlier one is a Saturday "
            "(keep one of them, or use two jobs)",
        )


def _weekday_numbers(expression: Expression) -> Iterator[Surprise]:
    """Numbers of weekdays, which mean other days in cron; a step needs numbers."""
    text = expression.fields[Field.WEEKDAY]
    values = expression.values[Field.WEEKDAY]
    numbers = [value for value in values if re.search(rf"(?<!#){value}", text)]
    if not expression.by_weekday or not numbers or "/" in text:
        return
    if len(values) == 7 or list(values) == _MONDAY_TO_FRIDAY:
        return  # nobody who writes 2-6 counts from Monday
    names = list(WEEKDAYS)
    said = [f"{value} is {_DAY_NAMES[value - 1]}" for value in numbers]
    written = text
    for value in reversed(values):
        written = _renamed(written, value, names[value - 1])
    yield Surprise(
        "schedule-weekday-number",
        f"counts weekdays from 1 on Sunday: {_list(said)} (write `{written}`)",
    )


_MONDAY_TO_FRIDAY = [2, 3, 4, 5, 6]
_DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _renamed(text: str, value: int, name: str) -> str:
    """The weekdays with a number replaced by a name, but not the number after `#`."""
    parts = [part.split("#") for part in text.split(",")]
    for part in parts:
        part[0] = part[0].replace(str(value), name)
    return ",".join("#".join(part) for part in parts)


def _uneven_steps(expression: Expression) -> Iterator[Surprise]:
    """A step that does not divide its field begins anew with a shorter distance."""
    minutes, hours = expression.values[Field.MINUTE], expression.values[Field.HOUR]
    every_day = not expression.by_weekday or len(expression.values[Field.WEEKDAY]) > 1
    kinds = (
        (Field.SECOND, 60, "second", "minute", _has_neighbours(minutes)),
        (Field.MINUTE, 60, "minute", "hour", _has_neighbours(hours)),
        (Field.HOUR, 24, "hour", "day", every_day and len(_plain_days(expression)) != 1),
        (Field.DAY, _LONGEST_MONTH, "day", "month", len(expression.values[Field.MONTH]) > 1),
        (Field.MONTH, 12, "month", "year", len(expression.values[Field.YEAR]) > 1),
    )
    for number, size, unit, whole, repeats in kinds:
        values = expression.values[number]
        step = _open_step(expression.fields[number])
        gap = values[0] + size - values[-1] if values else 0
        if step > 1 and repeats and gap != step and len(values) > 0:
            short = f"{values[-1]} is followed by {values[0]}, {_count(gap, unit)} later"
            short = short if len(values) > 1 else f"{values[0]} is its only {unit}"
            message = f"begins its step of {_count(step, unit)} anew in each {whole}: {short}"
            yield Surprise("schedule-uneven-step", f"{message} ({_even(size, unit)})")


def _plain_days(expression: Expression) -> Sequence[int]:
    return (0, 0) if expression.by_weekday else expression.values[Field.DAY]


def _open_step(text: str) -> int:
    """The step of `*/7` and `0/7`; 0 for a list, a range or no step."""
    start, slash, step = text.partition("/")
    has_step = slash and step.isdecimal() and (start in ("*", "") or start.isdecimal())
    return java_int(step) if has_step else 0


def _has_neighbours(values: Sequence[int]) -> bool:
    return any(value + 1 in values for value in values)


def _even(size: int, unit: str) -> str:
    if size == _LONGEST_MONTH:
        return "list the days, or choose a weekday"
    steps = [str(step) for step in range(2, size) if size % step == 0]
    return (
        f"even steps are {_list(steps)}" if unit != "month" else f"even steps are {_list(steps)} from JAN on"
    )


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}"


def _clock_changes(expression: Expression, zone: tzinfo, now: datetime) -> Iterator[Surprise]:
    """The next days on which the clock is changed and the number of runs changes with it."""
    told = set()
    for change in clock_changes(zone, now):
        before = (change - timedelta(seconds=1)).astimezone(zone).utcoffset() or timedelta()
        after = change.astimezone(zone).utcoffset() or timedelta()
        forward = after > before
        if forward in told:
            continue
        found = (
            _skipped(expression, zone, change, after - before)
            if forward
            else _lost(expression, zone, change, before - after)
        )
        if found:
            told.add(forward)
            yield Surprise("schedule-clock-change", f"{found} (`timezone_id: UTC` has no clock changes)")


def _skipped(expression: Expression, zone: tzinfo, change: datetime, gap: timedelta) -> str | None:
    """Runs at times that do not exist, of a job that does not run all day long."""
    if len(expression.values[Field.HOUR]) == 24:
        return None
    wall = change.astimezone(zone).replace(tzinfo=None)
    missed = _wall_matches(expression, wall - gap, wall)
    if not missed:
        return None
    time = f"{missed[0]:%H:%M} on {missed[0]:%Y-%m-%d}"
    return f"does not run at {time}, when the clock skips from {wall - gap:%H:%M} to {wall:%H:%M}"


def _lost(expression: Expression, zone: tzinfo, change: datetime, gap: timedelta) -> str | None:
    """Runs in the first of the two hours, of a job that also runs in the hour before."""
    wall = change.astimezone(zone).replace(tzinfo=None)
    hours = expression.values[Field.HOUR]
    if not {wall.hour, (wall.hour - 1) % 24} <= {*hours} or len(hours) <= 2:
        return None
    expected = [change - gap + (one - wall) for one in _wall_matches(expression, wall, wall + gap)]
    begin = change - gap - timedelta(seconds=1)
    found = set(takewhile(lambda fire: fire < change, fires(expression, zone, begin)))
    lost = [one for one in expected if one not in found]
    if not lost:
        return None
    times = f"between {wall:%H:%M} and {wall + gap:%H:%M} on {wall:%Y-%m-%d}"
    return f"does not run for a real {_length(gap)}, {times}, before the clock goes back"


def _wall_matches(expression: Expression, start: datetime, end: datetime) -> list[datetime]:
    """The times of a clock without changes at which an expression fires, from start on and before end."""
    begin = start.replace(tzinfo=UTC) - timedelta(seconds=1)
    until = end.replace(tzinfo=UTC)
    found = takewhile(lambda fire: fire < until, fires(expression, UTC, begin))
    return [fire.replace(tzinfo=None) for fire in found]


def _length(gap: timedelta) -> str:
    minutes = gap // timedelta(minutes=1)
    return "hour" if minutes == 60 else f"{minutes}-minute span"


def _list(parts: Sequence[object]) -> str:
    texts = [str(part) for part in parts]
    return " and ".join([*([", ".join(texts[:-1])] if len(texts) > 1 else []), texts[-1]])
