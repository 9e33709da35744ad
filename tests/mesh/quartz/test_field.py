"""The values of one field."""

from __future__ import annotations

import pytest

from mesh.quartz.field import EVERY, Field, QuartzError, Values


def values(kind: Field, value: int, end: int | None = None, step: int = 0) -> list[int]:
    found = Values(kind, max_year=2126)
    found.add(value, end, step)
    return sorted(found.numbers)


def test_a_range_goes_on_at_the_beginning() -> None:
    assert values(Field.HOUR, 22, 2, 1) == [0, 1, 2, 22, 23]
    assert values(Field.WEEKDAY, 7, 2, 1) == [1, 2, 7]
    assert values(Field.MONTH, 11, 2, 1) == [1, 2, 11, 12]


def test_a_range_of_years_does_not() -> None:
    with pytest.raises(QuartzError):
        values(Field.YEAR, 2030, 2027, 1)


def test_steps_begin_at_the_value() -> None:
    assert values(Field.MINUTE, 5, step=20) == [5, 25, 45]
    assert values(Field.DAY, EVERY, step=10) == [1, 11, 21, 31]
    assert values(Field.YEAR, 2120, step=4) == [2120, 2124]


def test_a_range_of_a_billion_years_is_short() -> None:
    assert len(values(Field.YEAR, 0, 2_000_000_000, 1)) == 3000


def test_a_value_outside_is_refused() -> None:
    with pytest.raises(QuartzError, match="Hour values must be between 0 and 23"):
        values(Field.HOUR, 24)
    with pytest.raises(QuartzError, match="Month values must be between 1 and 12"):
        values(Field.MONTH, 1, 13, 1)


def test_the_step_of_a_day_may_be_31() -> None:
    Values(Field.DAY, max_year=2126).check_step(31, 3)
    with pytest.raises(QuartzError, match="Increment >= 31 : 32"):
        Values(Field.DAY, max_year=2126).check_step(32, 3)
