"""A Quartz expression in words, as Quartz reads it.

The words come from the values that Quartz understands, never from the text: `MON/2` is every Monday. The
short forms are ours. Everything else is said by the package cron-descriptor, for an equal expression that is
rewritten from the values. Of version 2.2.1 we replace what is wrong or has two meanings: a step that does not
divide the hour or the day (`0/7`), a step of days, weekdays and months (`1/5`), several days with `L` or `W`,
`L-3W`, `L` as a weekday, a step after a name, hours in a list that are not hours on the dot, and years.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mesh.quartz.expression import Expression
from mesh.quartz.field import LAST_DAY, LAST_DAY_OFFSET, Field

_DAYS = ("", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_DAYS_OF_ANY_MONTH = 28
_NEVER = "never"
_MIDNIGHT, _AT_MIDNIGHT = "0 0 0", "At 00:00"
_FEW = 4  # times that are listed
_NOUNS = {"second": Field.SECOND, "minute": Field.MINUTE, "hour": Field.HOUR}
_SIZES = {
    Field.SECOND: 60,
    Field.MINUTE: 60,
    Field.HOUR: 24,
    Field.MONTH: 12,
    Field.WEEKDAY: 7,
    Field.DAY: 31,
}


def words(expression: Expression) -> str:
    """The times of an expression in words, without its zone: `Mon to Fri at 07:15`."""
    if not _fires(expression):
        return _NEVER
    return _short(expression) or _sentence(expression) or expression.text


def _fires(expression: Expression) -> bool:
    """Whether each field has a value; Quartz accepts fields without one, such as `L` as a month."""
    needed = [number for number in Field if number is not Field.DAY and number is not Field.WEEKDAY]
    days = expression.values[Field.WEEKDAY if expression.by_weekday else Field.DAY]
    return all(expression.values[number] for number in needed) and bool(days or expression.nearest_weekdays)


def _is_every(expression: Expression, number: Field) -> bool:
    values = expression.values[number]
    if number is Field.YEAR:
        return (
            len(values) > 1 and values[0] <= 1970 and set(range(1970, expression.max_year + 1)) <= {*values}
        )
    return len(values) == _SIZES[number]


def _short(expression: Expression) -> str:
    """Runs once a day at most, or once an hour, in every month; "" for others."""
    seconds, minutes, hours = (expression.values[kind] for kind in (Field.SECOND, Field.MINUTE, Field.HOUR))
    always = all(_is_every(expression, number) for number in (Field.MONTH, Field.YEAR))
    if not always or len(seconds) > 1 or len(minutes) > 1:
        return ""
    second = f":{seconds[0]:02}" if seconds[0] else ""
    days = _short_days(expression)
    if _is_every(expression, Field.HOUR) and days == "every day":
        return f"every hour at :{minutes[0]:02}{second}" if minutes[0] or second else "every hour"
    if len(hours) > 1 or not days:
        return ""
    return f"{days} at {hours[0]:02}:{minutes[0]:02}{second}"


def _short_days(expression: Expression) -> str:
    if not expression.by_weekday:
        days = expression.values[Field.DAY]
        if _is_every(expression, Field.DAY):
            return "every day"
        simple = len(days) == 1 and not expression.nearest_weekdays and days[0] <= _DAYS_OF_ANY_MONTH
        return f"on day {days[0]} of every month" if simple else ""
    weekdays = expression.values[Field.WEEKDAY]
    if expression.last_weekday or expression.nth:
        return ""
    if _is_every(expression, Field.WEEKDAY):
        return "every day"
    if around := _around(weekdays, 7):
        return f"{_DAYS[around[0]]} to {_DAYS[around[1]]}"
    return ", ".join(_DAYS[day] for day in sorted(weekdays, key=lambda day: (day - 2) % 7))  # from Monday on


def _around(values: Sequence[int], size: int) -> tuple[int, int] | None:
    """The first and last value of three or more neighbours; after the largest value comes the smallest."""
    low = 1 if size in (7, 12, 31) else 0
    starts = [one for one in values if (one - low - 1) % size + low not in values]
    ends = [one for one in values if (one - low + 1) % size + low not in values]
    return (starts[0], ends[0]) if len(starts) == 1 and len(values) > 2 else None


def _sentence(expression: Expression) -> str:
    """The words of cron-descriptor for an equal expression, with our own for what it says wrongly."""
    from cron_descriptor import FormatError, MissingFieldError, Options, get_description

    options = Options()
    options.use_24hour_time_format = True
    options.day_of_week_start_index_zero = False
    own_time = _own_time(expression)
    time = _MIDNIGHT if own_time else _clock_fields(expression)
    weekdays = _weekdays(expression) if expression.by_weekday else "?"
    try:
        said = get_description(f"{time} * {_listed(expression, Field.MONTH)} {weekdays}", options)
    except (FormatError, MissingFieldError):
        return ""
    if own_time:
        said = own_time + said.removeprefix(_AT_MIDNIGHT)
    days = () if expression.by_weekday else _month_days(expression)
    return ", ".join([said[0].lower() + said[1:], *days, *_years(expression)])


def _clock_fields(expression: Expression) -> str:
    seconds, minutes = (_clock_field(expression.values[kind], kind) for kind in (Field.SECOND, Field.MINUTE))
    return f"{seconds} {minutes} {_hours(expression.values[Field.HOUR])}"


def _own_time(expression: Expression) -> str:
    """The time of day where cron-descriptor's words are wrong or have two meanings; "" where they are right.

    `0 * 0,10 * * ?` is "Every minute, at 00:00 and 10:00" there.
    """
    seconds, minutes, hours = (expression.values[kind] for kind in (Field.SECOND, Field.MINUTE, Field.HOUR))
    second, minute, hour = _clock_fields(expression).split()
    in_one_span = hour == "*" or len(hours) == 1 or "-" in hour
    if seconds == [0] and (hour == "*" or len(minutes) == 1 or (minute.startswith("*") and in_one_span)):
        return ""
    if (second.startswith("*") or len(seconds) == 1) and minute == "*" and in_one_span:
        return ""
    if len(seconds) == len(minutes) == 1:
        if hour == "*":
            return f"every hour at :{minutes[0]:02}:{seconds[0]:02}"
        if len(hours) <= _FEW:
            return f"at {_and([f'{one:02}:{minutes[0]:02}:{seconds[0]:02}' for one in hours])}"
    return " ".join(
        filter(None, (_seconds(seconds, minutes), _minutes(seconds, minutes), _in("hour", hours)))
    )


def _seconds(seconds: Sequence[int], minutes: Sequence[int]) -> str:
    if seconds == [0]:
        return "every minute" if len(minutes) == 60 else ""
    if len(seconds) == 60:
        return "every second"
    step = _step(seconds, 60)
    if step and seconds[0] == 0:
        return f"every {step} seconds"
    return f"at {_counted('second', seconds)}"


def _minutes(seconds: Sequence[int], minutes: Sequence[int]) -> str:
    if len(minutes) == 60:
        return "" if seconds == [0] else "of every minute"
    step = _step(minutes, 60)
    if seconds == [0] and step and minutes[0] == 0:
        return f"every {step} minutes"
    return f"at {_counted('minute', minutes)}" if seconds == [0] else _in("minute", minutes)


def _in(noun: str, values: Sequence[int]) -> str:
    return f"of every {noun}" if len(values) == _SIZES[_NOUNS[noun]] else f"in {_counted(noun, values)}"


def _counted(noun: str, values: Sequence[int]) -> str:
    runs = [f"{one}" if one == last else f"{one} to {last}" for one, last in _runs(values)]
    return f"{noun}{'s' if len(values) > 1 else ''} {_and(runs)}"


def _clock_field(values: Sequence[int], number: Field) -> str:
    size = _SIZES[number]
    if len(values) == size:
        return "*"
    if step := _step(values, size):
        return f"{values[0]}/{step}" if values[0] else f"*/{step}"
    return _ranges(values)


def _hours(values: Sequence[int]) -> str:
    if len(values) == 24:
        return "*"
    if step := _step(values, 24):
        return f"{values[0]}/{step}" if values[0] else f"*/{step}"
    if around := _around(values, 24):
        return f"{around[0]}-{around[1]}"
    return ",".join(map(str, values))


def _step(values: Sequence[int], size: int) -> int:
    """The step of values that are evenly spaced around the clock; 0 for others."""
    step = size // len(values)
    even = len(values) > 1 and step > 1 and size % len(values) == 0 and values[0] < step
    return step if even and list(values) == list(range(values[0], size, step)) else 0


def _ranges(values: Sequence[int]) -> str:
    """A list in which three or more neighbours are a range."""
    return ",".join(f"{one}-{last}" if last > one else f"{one}" for one, last in _runs(values))


def _runs(values: Sequence[int]) -> Iterator[tuple[int, int]]:
    run: list[int] = []
    for value in [*values, None]:
        if run and (value is None or value != run[-1] + 1):
            if len(run) > 2:
                yield run[0], run[-1]
            else:
                yield from ((one, one) for one in run)
            run = []
        if value is not None:
            run.append(value)


def _listed(expression: Expression, number: Field) -> str:
    return "*" if _is_every(expression, number) else _ranges(expression.values[number])


def _weekdays(expression: Expression) -> str:
    values = expression.values[Field.WEEKDAY]
    if expression.last_weekday:
        return f"{values[0]}L"
    return f"{values[0]}#{expression.nth}" if expression.nth else _listed(expression, Field.WEEKDAY)


def _month_days(expression: Expression) -> Iterator[str]:
    """The days of the month, unless it is every day."""
    if _is_every(expression, Field.DAY) and not expression.nearest_weekdays:
        return
    values = expression.values[Field.DAY]
    if (
        len(values) == 1
        and _DAYS_OF_ANY_MONTH < values[0] < LAST_DAY_OFFSET
        and not expression.nearest_weekdays
    ):
        yield f"on day {values[0]} of the months that have one"
        return
    plain = _runs([day for day in values if day < LAST_DAY_OFFSET])
    days = [f"day {one}" if one == last else f"days {one} to {last}" for one, last in plain]
    days += [_from_end(day) for day in reversed(values) if day >= LAST_DAY_OFFSET]
    for day in expression.nearest_weekdays:
        if day == LAST_DAY:
            days.append("the last weekday (Mon to Fri)")
        else:
            counted = f"day {day}" if day < LAST_DAY_OFFSET else _from_end(day)
            days.append(f"the weekday (Mon to Fri) nearest to {counted}")
    yield f"on {_and(days)} of the month"


def _from_end(day: int) -> str:
    before = LAST_DAY - day
    if before == 0:
        return "the last day"
    return f"the day {before} {'day' if before == 1 else 'days'} before the last one"


def _years(expression: Expression) -> Iterator[str]:
    values = expression.values[Field.YEAR]
    if _is_every(expression, Field.YEAR):
        return
    step = values[1] - values[0] if len(values) > 2 else 0
    goes_on = step and values[-1] + step > expression.max_year >= values[-1]
    if goes_on and list(values) == list(range(values[0], values[-1] + 1, step)):
        yield f"from {values[0]} on" if step == 1 else f"every {step} years from {values[0]} on"
        return
    runs = [f"{one}" if one == last else f"{one} to {last}" for one, last in _runs(values)]
    yield f"only in {_and(runs)}"


def _and(parts: Sequence[str]) -> str:
    return " and ".join([*([", ".join(parts[:-1])] if len(parts) > 1 else []), parts[-1]])
