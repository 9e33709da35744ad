"""Reads the words of a schedule back into times, knowing English and nothing of Quartz.

A second opinion: `mesh/quartz/words.py` says what a schedule does, this module understands it, and a test
compares the result with the moments at which Quartz fires.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_TIME = r"\d\d:\d\d(?::\d\d)?"
_NUMBERS = r"\d+(?: (?:to|through) \d+)?(?:(?:,| and|, and) \d+(?: (?:to|through) \d+)?)*"
_MONTH, _DAY = "|".join(_MONTHS), "|".join(_DAYS)
_SHORT = "|".join(day[:3] for day in _DAYS)

Test = Callable[[datetime], bool]


@dataclass
class Reading:
    """What a sentence says.

    Args:
        seconds: the seconds; None if it does not say.
        minutes: the minutes; None if it does not say.
        hours: the hours; None if it does not say.
        dates: conditions of the date, all of which hold.
        times: times of day, instead of the sets.
    """

    seconds: set[int] | None = None
    minutes: set[int] | None = None
    hours: set[int] | None = None
    dates: list[Test] = field(default_factory=list)
    times: set[tuple[int, int, int]] | None = None

    def is_met(self, moment: datetime) -> bool:
        """Whether the schedule runs at a moment on the clock of its zone."""
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        index = bisect_right(self.clock, seconds)
        return index > 0 and self.clock[index - 1] == seconds and self.is_date(moment)

    def is_date(self, moment: datetime) -> bool:
        """Whether the schedule runs on a date."""
        return all(holds(moment) for holds in self.dates)

    @cached_property
    def clock(self) -> list[int]:
        """The times of day in seconds, sorted."""
        if self.times is not None:
            return sorted(hour * 3600 + minute * 60 + second for hour, minute, second in self.times)
        hours, minutes = self.hours or set(range(24)), self.minutes or set(range(60))
        seconds = self.seconds or set(range(60))
        product = itertools.product(sorted(hours), sorted(minutes), sorted(seconds))
        return [hour * 3600 + minute * 60 + second for hour, minute, second in product]

    def next(self, after: datetime, until: datetime) -> datetime | None:
        """The first moment on a clock without changes after a moment, and not after another one."""
        day = after.replace(hour=0, minute=0, second=0)
        while day <= until:
            if self.is_date(day):
                index = bisect_right(self.clock, (after - day).total_seconds())
                if index < len(self.clock):
                    found = day + timedelta(seconds=self.clock[index])
                    return found if found <= until else None
            day += timedelta(days=1)
        return None


def read(sentence: str) -> Reading:
    """Reads a whole sentence.

    Raises:
        ValueError: a part is not understood.
    """
    reading, rest = Reading(), sentence
    while rest:
        for pattern, understand in _CLAUSES:
            if found := re.match(rf"(?:{pattern})(?:, | (?=of every|in |at \d\d:)|$)", rest):
                understand(reading, found)
                rest = rest[found.end() :]
                break
        else:
            raise ValueError(f"`{rest}` in `{sentence}`")
    return _completed(reading)


def _completed(reading: Reading) -> Reading:
    """What a sentence leaves out is on the dot, below the smallest unit that it names."""
    if reading.times is None and reading.seconds is None:
        reading.seconds = {0}
        if reading.minutes is None:
            reading.minutes = {0}
    return reading


def _numbers(text: str) -> set[int]:
    found: set[int] = set()
    for part in re.split(r", and |, | and ", text):
        first, *last = map(int, re.split(" to | through ", part))
        found |= set(range(first, (last[0] if last else first) + 1))
    return found


def _names(text: str, names: list[str]) -> set[int]:
    """The positions of names, from 1; a range may go over the end."""
    found: set[int] = set()
    for part in re.split(r", and |, | and ", text):
        ends = [[name[: len(end)] for name in names].index(end) for end in re.split(" to | through ", part)]
        number = ends[0]
        found.add(number + 1)
        while number != ends[-1]:
            number = (number + 1) % len(names)
            found.add(number + 1)
    return found


def _every(unit: str, size: int) -> Callable[[Reading, re.Match[str]], None]:
    def understand(reading: Reading, found: re.Match[str]) -> None:
        step, start = int(found["step"] or 1), int(found["start"] or 0)
        setattr(reading, unit, set(range(start, size, step)))
        if unit == "minutes" and reading.seconds is None:
            reading.seconds = {0}
        if unit == "hours":
            reading.minutes = {0} if reading.minutes is None and reading.seconds is None else reading.minutes

    return understand


def _set(unit: str) -> Callable[[Reading, re.Match[str]], None]:
    def understand(reading: Reading, found: re.Match[str]) -> None:
        setattr(reading, unit, _numbers(found[1]))
        if unit == "minutes" and reading.seconds is None:
            reading.seconds = {0}

    return understand


def _between(reading: Reading, found: re.Match[str]) -> None:
    first, last = int(found[1]), int(found[2])
    reading.hours = {hour % 24 for hour in range(first, last + 1 + (24 if last < first else 0))}


def _minutes_between(reading: Reading, found: re.Match[str]) -> None:
    assert found[1] == found[3]
    reading.hours, reading.minutes = {int(found[1])}, set(range(int(found[2]), int(found[4]) + 1))
    reading.seconds = {0}


def _times(reading: Reading, found: re.Match[str]) -> None:
    times = [tuple(map(int, time.split(":"))) for time in re.findall(_TIME, found[0])]
    reading.times = {(time[0], time[1], time[2] if len(time) > 2 else 0) for time in times}


def _hourly(reading: Reading, found: re.Match[str]) -> None:
    reading.minutes, reading.seconds = {int(found[1])}, {int(found[2] or 0)}


def _date(test: Callable[[re.Match[str]], Test]) -> Callable[[Reading, re.Match[str]], None]:
    return lambda reading, found: reading.dates.append(test(found))


def _in_months(found: re.Match[str]) -> Test:
    months = _names(found[1], _MONTHS)
    return lambda moment: moment.month in months


def _on_weekdays(found: re.Match[str]) -> Test:
    days = _names(found[1], _DAYS)
    return lambda moment: moment.isoweekday() in days


def _in_years(found: re.Match[str]) -> Test:
    years = _numbers(found[1])
    return lambda moment: moment.year in years


def _from_year(found: re.Match[str]) -> Test:
    step, start = int(found[1] or 1), int(found[2])
    return lambda moment: moment.year >= start and (moment.year - start) % step == 0


def _weekday_of_month(found: re.Match[str]) -> Test:
    day = _DAYS.index(found[2]) + 1
    if found[1] == "last":
        return lambda moment: moment.isoweekday() == day and moment.day + 7 > _last(moment)
    week = _ORDINALS.index(found[1])
    return lambda moment: moment.isoweekday() == day and (moment.day - 1) // 7 == week


def _last(moment: datetime) -> int:
    return monthrange(moment.year, moment.month)[1]


def _days_of_month(found: re.Match[str]) -> Test:
    tests = [_day_of_month(part) for part in re.split(r", | and (?=day|the )", found[1])]
    return lambda moment: any(holds(moment) for holds in tests)


def _day_of_month(text: str) -> Test:
    if nearest := re.fullmatch(r"the weekday \(Mon to Fri\) nearest to (.*)", text):
        return lambda moment: moment.day == _nearest(moment, _counted(moment, nearest[1]))
    if text == "the last weekday (Mon to Fri)":
        return lambda moment: moment.day == _nearest(moment, _last(moment))
    if days := re.fullmatch(r"days (\d+) to (\d+)", text):
        return lambda moment: int(days[1]) <= moment.day <= int(days[2])
    return lambda moment: moment.day == _counted(moment, text)


def _counted(moment: datetime, text: str) -> int:
    if before := re.fullmatch(r"the day (\d+) days? before the last one", text):
        return _last(moment) - int(before[1])
    return _last(moment) if text == "the last day" else int(text.removeprefix("day "))


def _nearest(moment: datetime, day: int) -> int:
    """The nearest day from Monday to Friday in the same month; 0 if the month has no such day."""
    if not 1 <= day <= _last(moment):
        return 0
    weekdays = [one for one in range(1, _last(moment) + 1) if moment.replace(day=one).isoweekday() < 6]
    return min(weekdays, key=lambda one: abs(one - day))


_CLAUSES: list[tuple[str, Callable[[Reading, re.Match[str]], None]]] = [
    (r"every hour at :(\d\d)(?::(\d\d))?", _hourly),
    (r"every (?P<step>)hour(?P<start>)", _every("hours", 24)),
    (r"every (?P<step>\d+) hours(?:, starting at (?P<start>\d\d):00)?", _every("hours", 24)),
    (r"every minute between (\d\d):(\d\d) and (\d\d):(\d\d)", _minutes_between),
    (
        r"every (?:(?P<step>\d+) minutes|minute)(?:, starting at (?P<start>\d+) minutes past the hour)?",
        _every("minutes", 60),
    ),
    (
        r"every (?:(?P<step>\d+) seconds|second)(?:, starting at (?P<start>\d+) seconds past the minute)?",
        _every("seconds", 60),
    ),
    (rf"(?:at |seconds )({_NUMBERS}) seconds past the minute", _set("seconds")),
    (rf"seconds ({_NUMBERS}) past the minute", _set("seconds")),
    (rf"(?:at |minutes )({_NUMBERS}) minutes past the hour", _set("minutes")),
    (rf"minutes ({_NUMBERS}) past the hour", _set("minutes")),
    (rf"at seconds? ({_NUMBERS})", _set("seconds")),
    (rf"(?:at|in) minutes? ({_NUMBERS})", _set("minutes")),
    (rf"in hours? ({_NUMBERS})", _set("hours")),
    (r"of every (?:minute|hour)", lambda _reading, _found: None),
    (r"between (\d\d):00 and (\d\d):59", _between),
    (rf"at {_TIME}(?:, and {_TIME}|, {_TIME}| and {_TIME})*", _times),
    (r"every day", lambda _reading, _found: None),
    (r"on (day \d+) of every month", _date(_days_of_month)),
    (r"on (day \d+) of the months that have one", _date(_days_of_month)),
    (rf"on the (last|{'|'.join(_ORDINALS)}) ({_DAY}) of the month", _date(_weekday_of_month)),
    (r"on ((?:day|the) .*?|days .*?) of the month", _date(_days_of_month)),
    (rf"(?:only on )?((?:{_DAY})(?:(?:, and |, | and | through )(?:{_DAY}))*)", _date(_on_weekdays)),
    (rf"((?:{_SHORT})(?:(?:, | to )(?:{_SHORT}))*)", _date(_on_weekdays)),
    (rf"(?:only in )?((?:{_MONTH})(?:(?:, and |, | and | through )(?:{_MONTH}))*)", _date(_in_months)),
    (rf"only in ({_NUMBERS})", _date(_in_years)),
    (r"(?:every (\d+) years )?from (\d+) on", _date(_from_year)),
]
