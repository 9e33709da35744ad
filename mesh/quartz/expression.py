"""Reads a Quartz expression as strictly, and as leniently, as Quartz does.

Source: Quartz 2.5.2, `CronExpression`. Quartz refuses with a message and a position in the value. Other
mistakes it does not see: text after a value that it understands is ignored (`MON/2` is `MON`), and a few
values mean something else than they say (`99` is `*`). Those are `Expression.misread`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mesh.quartz.field import (
    ANY,
    EVERY,
    LAST_DAY,
    LAST_DAY_OFFSET,
    MONTHS,
    WEEKDAYS,
    Field,
    QuartzError,
    Values,
)

_ILLEGAL = "Illegal cron expression format"  # Quartz adds the Java exception
_BOTH_DAYS = "Support for specifying both a day-of-week AND a day-of-month parameter is not implemented."
_NTH = "A numeric value between 1 and 5 must follow the '#' option"
# Java's `String.trim`
_SPACE = "".join(map(chr, range(0x21)))
_LARGEST = 2**31 - 1  # Java's int
_YEARS_AHEAD = 100
# `L-3W`; everything else that begins with a letter is a name
_LAST = re.compile(r"L|LW|L-[0-9]*W?")
_DIGITS = re.compile(r"[0-9]+")
_NAME = 3  # letters of a name; Quartz does not look at more


@dataclass(frozen=True)
class Misread:
    """A part of an expression that Quartz accepts, and reads as something else than is written.

    Args:
        field: the field.
        value: the part, as it is written.
        read: the part as Quartz reads it; "" if it has no effect at all.
        ignored: the text that Quartz does not look at; "" if it reads all of the text.
    """

    field: Field
    value: str
    read: str
    ignored: str


@dataclass(frozen=True)
class Expression:
    """An expression that Quartz accepts.

    Args:
        text: as it is written.
        fields: the text of each field, in capitals.
        values: the values of each field. Days from `LAST_DAY_OFFSET` on count from the end of the month.
        nearest_weekdays: the days of the month with `W`, which run on the nearest weekday.
        last_weekday: true if it runs on the last one of the given weekday in the month (`6L`).
        nth: the number of the weekday in the month (`6#3`); 0 without one.
        max_year: Quartz finds no run after this year.
        misread: the parts that Quartz reads otherwise than they are written.
    """

    text: str
    fields: tuple[str, ...]
    values: Mapping[Field, Sequence[int]]
    nearest_weekdays: Sequence[int]
    last_weekday: bool
    nth: int
    max_year: int
    misread: tuple[Misread, ...]

    @property
    def by_weekday(self) -> bool:
        """True if the day is chosen by the day of the week, false if by the day of the month."""
        return ANY in self.values[Field.DAY]


@dataclass
class _Reading:
    """The state of reading one expression."""

    values: dict[Field, Values]
    nearest_weekdays: set[int] = field(default_factory=set)
    last_weekday: bool = False
    nth: int = 0
    misread: list[Misread] = field(default_factory=list)


def parse(text: str, *, max_year: int | None = None) -> Expression:
    """Reads an expression.

    Args:
        text: the expression.
        max_year: the last year in which it may run; by default 100 years from now, as in Quartz.

    Raises:
        QuartzError: Quartz refuses it.
    """
    max_year = datetime.now(UTC).year + _YEARS_AHEAD if max_year is None else max_year
    fields = split(text.upper())
    if len(fields) > len(Field):
        raise QuartzError(f"Invalid expression has too many terms: {text.upper()}")
    reading = _Reading({number: Values(number, max_year) for number in Field})
    for number, field_text in zip(Field, fields, strict=False):
        _read_field(number, field_text, reading)
    if len(fields) <= Field.WEEKDAY:
        raise QuartzError("Unexpected end of expression.", len(text))
    if len(fields) == Field.YEAR:
        reading.values[Field.YEAR].add(EVERY)
    days, weekdays = (reading.values[number].numbers for number in (Field.DAY, Field.WEEKDAY))
    if (ANY in days) == (ANY in weekdays):
        raise QuartzError(_BOTH_DAYS, 0)
    return Expression(
        text,
        tuple(fields),
        {number: sorted(values.numbers - {EVERY}) for number, values in reading.values.items()},
        sorted(reading.nearest_weekdays),
        reading.last_weekday,
        reading.nth,
        max_year,
        tuple(reading.misread),
    )


def split(text: str) -> list[str]:
    """The fields of an expression; Quartz splits at spaces and tabs only."""
    return [part.strip(_SPACE) for part in re.split(r"[ \t]+", text) if part]


def _read_field(number: Field, text: str, reading: _Reading) -> None:
    if number is Field.WEEKDAY and "L" in text and len(text) > 1 and "," in text:
        message = "Support for specifying 'L' with other days of the week is not implemented"
        raise QuartzError(message, field=number, value=text)
    if number is Field.WEEKDAY and text.count("#") > 1:
        message = 'Support for specifying multiple "nth" days is not implemented.'
        raise QuartzError(message, field=number, value=text)
    for value in filter(None, text.split(",")):
        try:
            read, end = _read_value(number, value, reading)
        except QuartzError as error:
            raise QuartzError(error.message, error.offset, number, value) from None
        if end < len(value) or read != value:
            reading.misread.append(Misread(number, value, read, value[end:]))


def _read_value(number: Field, value: str, reading: _Reading) -> tuple[str, int]:
    """Adds the meaning of one value.

    Returns:
        The value as Quartz reads it, and the position of the first character that it ignores.
    """
    first = value[0]
    if "A" <= first <= "Z" and not _LAST.fullmatch(value):
        return _read_name(number, value, reading)
    if first == "?":
        return _read_any(number, value, reading)
    if first in "*/":
        return _read_every(number, value, reading.values[number])
    if first == "L":
        return _read_last(number, value, reading)
    if "0" <= first <= "9":
        return _read_number(number, value, reading)
    raise QuartzError(f"Unexpected character: {first}", 0)


def _read_name(number: Field, value: str, reading: _Reading) -> tuple[str, int]:
    names = {Field.MONTH: MONTHS, Field.WEEKDAY: WEEKDAYS}.get(number)
    name = _name_at(value, 0)
    if names is None:
        raise QuartzError(f"Illegal characters for this position: '{name}'", 0)
    start, end, next_ = _named(number, name, 0), _NAME, value[_NAME : _NAME + 1]
    values = reading.values[number]
    if next_ == "-":
        last = _named(number, _name_at(value, _NAME + 1), _NAME + 1)
        values.add(start, last, 1)
        return value[: 2 * _NAME + 1], 2 * _NAME + 1
    if number is Field.WEEKDAY and next_ == "#":
        reading.nth = _nth(value[_NAME + 1 :], _NAME + 1)
        end = len(value)
    elif number is Field.WEEKDAY and next_ == "L":
        reading.last_weekday, end = True, _NAME + 1
    values.add(start)
    return value[:end], end


def _name_at(value: str, position: int) -> str:
    if len(value) < position + _NAME:
        raise QuartzError(_ILLEGAL, 0)
    return value[position : position + _NAME]


def _named(number: Field, name: str, offset: int) -> int:
    names, what = (MONTHS, "Month") if number is Field.MONTH else (WEEKDAYS, "Day-of-Week")
    if name not in names:
        raise QuartzError(f"Invalid {what} value: '{name}'", offset)
    return names[name]


def _nth(text: str, offset: int) -> int:
    try:
        nth = java_int(text)
    except QuartzError:
        nth = 0
    if not 1 <= nth <= 5:
        raise QuartzError(_NTH, offset)
    return nth


def _read_any(number: Field, value: str, reading: _Reading) -> tuple[str, int]:
    if len(value) > 2:
        raise QuartzError(f"Illegal character after '?': {value[1]}", 1)
    if number not in (Field.DAY, Field.WEEKDAY):
        raise QuartzError("'?' can only be specified for Day-of-Month or Day-of-Week.", 1)
    days = reading.values[Field.DAY].numbers
    if number is Field.WEEKDAY and days and max(days) == ANY:
        raise QuartzError("'?' can only be specified for Day-of-Month -OR- Day-of-Week.", 1)
    reading.values[number].add(ANY)
    return "?", 1


def _read_every(number: Field, value: str, values: Values) -> tuple[str, int]:
    if value == "*":
        values.add(EVERY)
        return value, 1
    if value == "/":
        raise QuartzError("'/' must be followed by an integer.", 0)
    slash = value.find("/", 0, 2)
    if slash < 0:  # `*5`
        values.add(EVERY, step=1)
        return "*", 1
    if slash + 1 == len(value):
        raise QuartzError("Unexpected end of string.", slash + 1)
    step = java_int(value[slash + 1 :])
    values.check_step(step, slash + (3 if step > 10 else 2))
    values.add(EVERY, step=step)
    return (value if step > 0 else "*"), len(value)


def _read_last(number: Field, value: str, reading: _Reading) -> tuple[str, int]:
    if number < Field.DAY:
        raise QuartzError("'L' not expected in seconds, minutes or hours fields.", 0)
    if number is Field.WEEKDAY:
        reading.values[number].add(WEEKDAYS["SAT"])
        return "L", 1
    if number is not Field.DAY:
        return "", 0
    day = LAST_DAY
    if value.startswith("L-"):
        if value == "L-":
            raise QuartzError(_ILLEGAL, 0)
        offset = java_int(value[2:].removesuffix("W") or "0")
        if offset > LAST_DAY - LAST_DAY_OFFSET:
            raise QuartzError("Offset from last day must be <= 30", 2)
        day -= offset
    nearest = value.endswith("W")
    (reading.nearest_weekdays if nearest else reading.values[number].numbers).add(day)
    return value, len(value)


def _read_number(number: Field, value: str, reading: _Reading) -> tuple[str, int]:
    """Reads `5`, `5-10`, `5/10`, `5-10/2`, and the day's `5W`, `5L`, `5#3`."""
    end = _digits(value, 0)
    start, next_ = java_int(value[:end]), value[end : end + 1]
    values = reading.values[number]
    match next_:
        case "L":
            _check_option(number, Field.WEEKDAY, next_, end)
            if not 1 <= start <= 7:
                raise QuartzError("Day-of-Week values must be between 1 and 7")
            reading.last_weekday = True
            values.numbers.add(start)
            return value[: end + 1], end + 1
        case "W":
            _check_option(number, Field.DAY, next_, end)
            if start > 31:
                message = "The 'W' option does not make sense with values larger than 31 "
                raise QuartzError(f"{message}(max number of days in a month)", end)
            reading.nearest_weekdays.add(start)
            return (value[: end + 1] if start else ""), end + 1
        case "#":
            _check_option(number, Field.WEEKDAY, next_, end)
            reading.nth = _nth(value[end + 1 :], end + 1)
            values.numbers.add(start)  # unchecked: `9#2` is accepted
            return (value if 1 <= start <= 7 else ""), len(value)
        case "-":
            return _read_range(start, value, end, values)
        case "/":
            return _read_step(start, value, end, values)
    values.add(start)
    if start == EVERY:
        return "*", end
    return ("?" if start == ANY and number is not Field.YEAR else value[:end]), end


def _check_option(number: Field, allowed: Field, option: str, offset: int) -> None:
    if number is not allowed:
        raise QuartzError(f"'{option}' option is not valid here. (pos={offset})", offset)


def _read_range(start: int, value: str, dash: int, values: Values) -> tuple[str, int]:
    last, end = _one_number(value, dash + 1)
    if value[end : end + 1] != "/":
        values.add(start, last, 1)
        return value[:end], end
    step, end = _one_number(value, end + 1)
    values.add(start, last, step)
    return (value[:end] if step else value[:dash]), end


def _read_step(start: int, value: str, slash: int, values: Values) -> tuple[str, int]:
    if slash + 1 == len(value):
        raise QuartzError("'/' must be followed by an integer.", slash)
    step, end = _one_number(value, slash + 1)
    if end == slash + 2 and end < len(value):
        raise QuartzError(f"Unexpected character '{value[end]}' after '/'", end)
    values.check_step(step, slash + 2)
    values.add(start, step=step)
    return (value[:end] if step else value[:slash]), end


def _one_number(value: str, position: int) -> tuple[int, int]:
    """The number at a position, and the position after it."""
    end = max(_digits(value, position), position + 1)
    return java_int(value[position:end]), end


def _digits(value: str, position: int) -> int:
    found = _DIGITS.match(value, position)
    return found.end() if found else position


def java_int(text: str) -> int:
    """The number in a text, as Java's `Integer.parseInt` reads it.

    Raises:
        QuartzError: it is not a number of 32 bits.
    """
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isdecimal():
        raise QuartzError(_ILLEGAL, 0)
    significant = digits.lstrip("0")
    if len(significant) > len(str(_LARGEST)):
        raise QuartzError(_ILLEGAL, 0)  # and Python refuses to read thousands of digits
    number = int(significant or "0") * (-1 if text.startswith("-") else 1)
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise QuartzError(_ILLEGAL, 0)
    return number


def misread_parts(expression: Expression) -> Iterator[Misread]:
    """Yields the misread parts, without names that are written in full (`Thursday`)."""
    for one in expression.misread:
        if one.read + one.ignored not in _FULL_NAMES:
            yield one


_FULL_NAMES = frozenset(
    [
        *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER"),
        *("NOVEMBER", "DECEMBER", "SEPT", "SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"),
        *("SATURDAY", "TUES", "THUR", "THURS"),
    ]
)
