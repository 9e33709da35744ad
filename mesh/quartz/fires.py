"""The times at which a Quartz expression fires.

Source: Quartz 2.5.2, `CronExpression.getNextValidTimeAfter`. The search sets the fields of a calendar from
seconds to years and begins anew after each change, so its behaviour at clock changes, and some that nobody
would expect, follow from that order; it is kept here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil

from mesh.quartz.expression import Expression
from mesh.quartz.field import LAST_DAY, LAST_DAY_OFFSET, LAST_YEAR, Field
from mesh.quartz.wall_clock import WallClock

# Most rounds advance by a day or a month; a century of months needs a few thousand
_MOST_ROUNDS = 200_000


def fires(expression: Expression, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """Yields the moments in UTC at which an expression fires after a moment, in order.

    Args:
        expression: the expression.
        zone: its zone.
        after: the moment, with a zone.
    """
    moment = next_fire(expression, zone, after)
    while moment is not None:
        yield moment
        moment = next_fire(expression, zone, moment)


def next_fire(expression: Expression, zone: tzinfo, after: datetime) -> datetime | None:
    """The first moment in UTC at which an expression fires after a moment; None if it never fires.

    Args:
        expression: the expression.
        zone: its zone.
        after: the moment, with a zone.
    """
    values = expression.values
    weekday = (Field.WEEKDAY,) if expression.by_weekday else ()
    if not all(values[number] for number in (*_NEEDED, *weekday)):
        return None  # Quartz ends with a NoSuchElementException
    earliest = (after + timedelta(seconds=1)).astimezone(UTC).replace(microsecond=0)
    clock = WallClock(earliest, zone)
    for _ in range(_MOST_ROUNDS):
        if clock.year > LAST_YEAR:
            return None
        if _set_time(clock, values[Field.SECOND], values[Field.MINUTE], values[Field.HOUR]):
            continue
        set_day = _set_weekday if expression.by_weekday else _set_day
        if set_day(clock, expression, earliest):
            continue
        if clock.year > expression.max_year:
            return None
        if _set_month(clock, values[Field.MONTH]):
            continue
        year = _first(values[Field.YEAR], clock.year)
        if year is None or year > LAST_YEAR:
            return None
        if year == clock.year:
            return clock.moment
        clock.set(year=year, month=1, day=1, hour=0, minute=0, second=0)
    return None


_NEEDED = (Field.SECOND, Field.MINUTE, Field.HOUR, Field.MONTH)


def _first(values: Sequence[int], least: int) -> int | None:
    """The first of the sorted values that is not below `least`."""
    index = bisect_left(values, least)
    return values[index] if index < len(values) else None


def _set_time(clock: WallClock, seconds: Sequence[int], minutes: Sequence[int], hours: Sequence[int]) -> bool:
    """Advances seconds, minutes and hours; true if the search has to begin anew."""
    second = _first(seconds, clock.second)
    if second is None:
        clock.set(second=seconds[0], minute=clock.minute + 1)
    else:
        clock.set(second=second)
    minute, hour = _first(minutes, clock.minute), clock.hour
    if minute != clock.minute:
        clock.set_hour(hour + (minute is None), second=0, minute=minutes[0] if minute is None else minute)
        return True
    first_hour, day = _first(hours, hour), clock.day
    if first_hour != hour:
        next_hour = hours[0] if first_hour is None else first_hour
        clock.set_hour(next_hour, second=0, minute=0, day=day + (first_hour is None))
        return True
    return False


def _set_month(clock: WallClock, months: Sequence[int]) -> bool:
    month = _first(months, clock.month)
    if month == clock.month:
        return False
    year = clock.year + (month is None)
    clock.set(year=year, month=months[0] if month is None else month, day=1, hour=0, minute=0, second=0)
    return True


def _set_day(clock: WallClock, expression: Expression, earliest: datetime) -> bool:
    """Advances the day of the month; true if the search has to begin anew.

    A day that comes from `W` alone does not begin the search anew: the time of day stays as it is.
    """
    day = _nearest_weekday(clock, expression.nearest_weekdays, earliest)
    plain = _smallest_day(clock, expression.values[Field.DAY])
    month, anew = clock.month, False
    if plain is not None:
        if day is None or plain < day:
            day, anew = plain, True
    elif day is None:
        day, month, anew = 1, clock.month + 1, True
    assert day is not None
    if anew and (day != clock.day or month != clock.month):
        clock.set(month=month, day=day, hour=0, minute=0, second=0)
        return True
    clock.set(day=day)
    return False


def _smallest_day(clock: WallClock, days: Sequence[int]) -> int | None:
    """The first day from today on in this month; days from `LAST_DAY_OFFSET` on count from the last one."""
    last = days_in_month(clock.year, clock.month)
    plain = _first(days, clock.day)
    from_end = _first(days, LAST_DAY - (last - clock.day))
    counted = None if from_end is None else from_end - LAST_DAY + last
    if plain is not None and plain < LAST_DAY_OFFSET and plain <= last:
        # Quartz compares the plain day with the distance to `L-30`, not with the day itself
        distance = None if from_end is None else from_end - LAST_DAY_OFFSET + 1
        if distance is None or plain < distance:
            return plain
    return counted


def _nearest_weekday(clock: WallClock, days: Sequence[int], earliest: datetime) -> int | None:
    """The day of the next `W` in this month, unless it is over."""
    day = _smallest_day(clock, days)
    if day is None:
        return None
    first = datetime(clock.year, clock.month, 1, tzinfo=UTC)
    weekday = (first + timedelta(days=day - 1)).isoweekday()
    if weekday == 6:
        day += 2 if day == 1 else -1
    elif weekday == 7:
        day += -2 if day == days_in_month(clock.year, clock.month) else 1
    candidate = WallClock(clock.moment, clock.zone)
    candidate.set(day=day)
    return None if candidate.moment < earliest else day


def _set_weekday(clock: WallClock, expression: Expression, _earliest: datetime) -> bool:
    """Advances to the day of the week; true if the search has to begin anew."""
    weekdays = expression.values[Field.WEEKDAY]
    searches_one = expression.last_weekday or expression.nth
    wanted = weekdays[0] if searches_one else _first(weekdays, clock.weekday) or weekdays[0]
    ahead = wanted - clock.weekday + (7 if clock.weekday > wanted else 0)
    day, last = clock.day + ahead, days_in_month(clock.year, clock.month)
    if expression.last_weekday:
        day += max(0, (last - day) // 7 * 7)
    elif expression.nth:
        weeks = expression.nth - ceil(day / 7)
        day = day + 7 * weeks if weeks >= 0 else last + 1  # over in this month
    if day > last:
        clock.set(month=clock.month + 1, day=1, hour=0, minute=0, second=0)
        return True
    if day > clock.day:
        clock.set(day=day, hour=0, minute=0, second=0)
        return True
    return False


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month."""
    first = datetime(year, month, 1, tzinfo=UTC)
    return ((first + timedelta(days=31)).replace(day=1) - first).days
