"""The seven fields of a Quartz expression: their limits, their names, and the values of one field.

Source: Quartz 2.5.2, `CronExpression`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

# Quartz keeps these two values for `*` and `?`, and reads them as such where a file contains the numbers.
EVERY = 99
ANY = 98
# Days of the month from here on are counted from its last day: L-30 is the first of them, L the last.
LAST_DAY_OFFSET = 32
LAST_DAY = LAST_DAY_OFFSET + 30
# Quartz searches no further than this year.
LAST_YEAR = 2999

MONTHS: Mapping[str, int] = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
# Unlike in cron, the week begins with 1 on Sunday.
WEEKDAYS: Mapping[str, int] = {
    name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)
}


class QuartzError(ValueError):
    """Quartz refuses an expression.

    Args:
        message: Quartz's own message, without the details of a Java exception.
        offset: the position in the value that Quartz reports; -1 if it reports none.
        field: the field with the mistake; None if the expression as a whole is wrong.
        value: the part of the field, as Quartz splits it at commas.
    """

    def __init__(
        self, message: str, offset: int = -1, field: Field | None = None, value: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.field = field
        self.value = value


class Field(IntEnum):
    """A field of an expression, by its position."""

    SECOND = 0
    MINUTE = 1
    HOUR = 2
    DAY = 3
    MONTH = 4
    WEEKDAY = 5
    YEAR = 6


@dataclass(frozen=True)
class Limits:
    """What Quartz allows in a field.

    Args:
        least: the smallest value.
        most: the largest value.
        size: the number of values, after which a range such as `22-2` goes on at the smallest one.
        refusal: Quartz's message for a value outside.
        largest_step: the largest step.
        step_refusal: the number that Quartz names when a step is larger.
    """

    least: int
    most: int
    size: int
    refusal: str
    largest_step: int
    step_refusal: int


_CLOCK = "Minute and Second values must be between 0 and 59"
# A year has no limits.
LIMITS: Mapping[Field, Limits] = {
    Field.SECOND: Limits(0, 59, 60, _CLOCK, 59, 60),
    Field.MINUTE: Limits(0, 59, 60, _CLOCK, 59, 60),
    Field.HOUR: Limits(0, 23, 24, "Hour values must be between 0 and 23", 23, 24),
    Field.DAY: Limits(1, 31, 31, "Day of month values must be between 1 and 31", 31, 31),
    Field.MONTH: Limits(1, 12, 12, "Month values must be between 1 and 12", 12, 12),
    Field.WEEKDAY: Limits(1, 7, 7, "Day-of-Week values must be between 1 and 7", 7, 7),
}
_FIRST_YEAR = 1970


@dataclass
class Values:
    """The values of one field while its text is read.

    Args:
        kind: the field.
        max_year: the last year of an open range of years.
        numbers: the values; `EVERY` and `ANY` mark `*` and `?`.
    """

    kind: Field
    max_year: int
    numbers: set[int] = field(default_factory=set)

    def add(self, value: int, end: int | None = None, step: int = 0) -> None:
        """Adds a value, a range, or every `step`th value from `value` on.

        Args:
            value: the first value; `EVERY` for the whole field.
            end: the last value of a range; None without a range.
            step: the step; 0 for a single value.

        Raises:
            QuartzError: a value is outside the field's limits.
        """
        limits = LIMITS.get(self.kind)
        special = (EVERY, ANY) if self.kind in (Field.DAY, Field.WEEKDAY) else (EVERY,)
        if limits and value not in special:
            outside = value < limits.least or value > limits.most or (end is not None and end > limits.most)
            if outside:
                raise QuartzError(limits.refusal)
        if step == 0 and value != EVERY:
            self.numbers.add(value)
            return
        if step <= 0:
            step = 1
            self.numbers.add(EVERY)
        least, most = (limits.least, limits.most) if limits else (_FIRST_YEAR, self.max_year)
        self._add_range(least if value == EVERY else value, most if end is None else end, step)

    def _add_range(self, start: int, stop: int, step: int) -> None:
        limits = LIMITS.get(self.kind)
        if limits is None:
            if stop < start:
                raise QuartzError("Illegal cron expression format", 0)
            self.numbers.update(range(start, min(stop, LAST_YEAR) + 1, step))
        elif stop >= start:
            self.numbers.update(range(start, stop + 1, step))
        else:
            values = (number % limits.size for number in range(start, stop + limits.size + 1, step))
            self.numbers.update(limits.size if number == 0 and limits.least else number for number in values)

    def check_step(self, step: int, offset: int) -> None:
        """Checks the step of `*/step` and `value/step`; Quartz checks no step of a range.

        Raises:
            QuartzError: the step is too large.
        """
        limits = LIMITS.get(self.kind)
        if limits and step > limits.largest_step:
            raise QuartzError(f"Increment >= {limits.step_refusal} : {step}", offset)
