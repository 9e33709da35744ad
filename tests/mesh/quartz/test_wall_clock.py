"""A wall clock whose fields are set one by one, like a Java calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mesh.quartz.wall_clock import WallClock

OSLO = ZoneInfo("Europe/Oslo")


def test_fields_out_of_range_carry() -> None:
    clock = WallClock(datetime(2027, 12, 31, 23, 59, 30, tzinfo=UTC), UTC)

    clock.set(minute=60)
    assert (clock.year, clock.month, clock.day, clock.hour, clock.minute) == (2028, 1, 1, 0, 0)
    clock.set(month=13, day=32)
    assert (clock.year, clock.month, clock.day) == (2029, 2, 1)
    assert clock.weekday == 5  # Thursday; Sunday is 1


def test_a_skipped_time_is_later_and_a_repeated_time_is_the_second() -> None:
    spring = WallClock(datetime(2027, 3, 28, tzinfo=UTC), OSLO)
    spring.set(hour=2, minute=30)
    autumn = WallClock(datetime(2027, 10, 31, tzinfo=UTC), OSLO)
    autumn.set(hour=2, minute=30)

    assert (spring.hour, spring.minute) == (3, 30)
    assert autumn.moment == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_skipped_hour_becomes_the_next_one() -> None:
    clock = WallClock(datetime(2027, 3, 28, tzinfo=UTC), OSLO)

    clock.set_hour(2, minute=15, second=0)

    assert (clock.hour, clock.minute) == (3, 15)
    clock.set_hour(24)
    assert (clock.day, clock.hour) == (29, 0)
