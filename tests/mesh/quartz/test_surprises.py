"""Expressions that do what their authors hardly meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mesh.quartz.expression import parse
from mesh.quartz.surprises import surprises
from mesh.quartz.zone import zone

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def told(expression: str, place: str = "UTC") -> list[str]:
    known = zone(place)
    assert known is not None
    return [f"{one.code}: {one.message}" for one in surprises(parse(expression), known, NOW)]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("0 0 12 1 JAN ? 2020", "the year 2020 is over (correct the year, or leave it out)"),
        ("0 0 12 1 3 ? 2026", "no run is left in 2026 (correct the year or the date)"),
        ("0 0 12 30 2 ?", "no month that it names has the day (correct the day or the month)"),
        ("0 0 12 31 4,6 ?", "no month that it names has the day (correct the day or the month)"),
    ],
)
def test_it_never_runs(expression: str, why: str) -> None:
    assert told(expression) == [f"schedule-never-runs: never runs: {why}"]


def test_a_date_that_the_clock_skips_never_runs() -> None:
    (one,) = told("0 30 2 28 3 ? 2027", "Europe/Oslo")

    assert one.startswith("schedule-never-runs: never runs: no run is left in 2027")


UTC_HAS_NONE = "(`timezone_id: UTC` has no clock changes)"
SKIPPED = f"schedule-clock-change: does not run at 02:30 on 2027-03-28, when the clock skips from 02:00 to 03:00 {UTC_HAS_NONE}"
LOST = f"schedule-clock-change: does not run for a real hour, between 02:00 and 03:00 on 2027-10-31, before the clock goes back {UTC_HAS_NONE}"


@pytest.mark.parametrize(
    ("expression", "place", "surprise"),
    [
        ("0 30 2 * * ?", "Europe/Oslo", [SKIPPED]),
        ("0 30 2,3 * * ?", "Europe/Oslo", [SKIPPED]),
        ("0 30 0-4 * * ?", "Europe/Oslo", [SKIPPED, LOST]),
        ("0 30 2 ? * SUN", "Europe/Oslo", [SKIPPED]),
        ("0 30 2 ? * MON", "Europe/Oslo", []),
        ("0 30 5 * * ?", "Europe/Oslo", []),
        ("0 30 3 * * ?", "Europe/Oslo", []),
        ("0 0 * * * ?", "Europe/Oslo", [LOST]),
        ("0 0/30 * * * ?", "Europe/Oslo", [LOST]),
        ("* * * * * ?", "Europe/Oslo", [LOST]),
        ("0 0 * * * ?", "UTC", []),
        ("0 0 * * * ?", "Asia/Kolkata", []),
        ("0 30 2 * * ?", "UTC", []),
        (
            "0 15 0 * * ?",
            "America/Santiago",
            [
                f"schedule-clock-change: does not run at 00:15 on 2027-09-05, when the clock skips from 00:00 to 01:00 {UTC_HAS_NONE}"
            ],
        ),
        (
            "0 0/10 * * * ?",
            "Australia/Lord_Howe",
            [
                f"schedule-clock-change: does not run for a real 30-minute span, between 01:30 and 02:00 on 2027-04-04, before the clock goes back {UTC_HAS_NONE}"
            ],
        ),
    ],
)
def test_runs_that_a_clock_change_takes(expression: str, place: str, surprise: list[str]) -> None:
    assert told(expression, place) == surprise


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "0 0/7 * * * ?",
            "begins its step of 7 minutes anew in each hour: 56 is followed by 0, 4 minutes later",
        ),
        (
            "*/45 * * * * ?",
            "begins its step of 45 seconds anew in each minute: 45 is followed by 0, 15 seconds later",
        ),
        ("0 59/5 * * * ?", "begins its step of 5 minutes anew in each hour: 59 is its only minute"),
        ("0 0 0/5 * * ?", "begins its step of 5 hours anew in each day: 20 is followed by 0, 4 hours later"),
        ("0 0 0 1/2 * ?", "begins its step of 2 days anew in each month: 31 is followed by 1, 1 day later"),
        (
            "0 0 0 1 1/5 ?",
            "begins its step of 5 months anew in each year: 11 is followed by 1, 2 months later",
        ),
    ],
)
def test_a_step_that_begins_anew_too_early(expression: str, message: str) -> None:
    (one,) = told(expression)

    assert one.startswith(f"schedule-uneven-step: {message} (")


@pytest.mark.parametrize(
    "expression",
    [
        "0 0/15 * * * ?",
        "0 0/7 9 * * ?",
        "0 0-30/7 * * * ?",
        "0 0 0/6 * * ?",
        "0 0 0/5 1 * ?",
        "0 0 0 1 */3 ?",
        "0 0 6 ? * 2/2",
    ],
)
def test_an_even_step_or_one_that_is_not_repeated_is_no_surprise(expression: str) -> None:
    assert told(expression) == []


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "0 0 12 31 * ?",
            "runs on day 31, which 7 of 12 months have (write `L` for the last day of each month)",
        ),
        (
            "0 0 12 31W * ?",
            "runs on day 31, which 7 of 12 months have (write `LW` for the last day of each month)",
        ),
        (
            "0 0 12 31 3,4 ?",
            "runs on day 31, which April does not have (write `L` for the last day of each month)",
        ),
        (
            "0 0 12 29 * ?",
            "runs on day 29, which February has in leap years only (write `L` for the last day of each month)",
        ),
    ],
)
def test_a_day_that_some_months_do_not_have(expression: str, message: str) -> None:
    assert told(expression) == [f"schedule-short-months: {message}"]


@pytest.mark.parametrize("expression", ["0 0 12 31 1 ?", "0 0 12 L * ?", "0 0 12 28 * ?", "0 0 12 1-31 * ?"])
def test_a_day_that_all_months_have_is_no_surprise(expression: str) -> None:
    assert told(expression) == []


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("0 0 12 ? * 7", "7 is Saturday (write `SAT`)"),
        ("0 0 12 ? * 1-5", "1 is Sunday and 5 is Thursday (write `SUN-THU`)"),
        ("0 0 12 ? * 6#3", "6 is Friday (write `FRI#3`)"),
        ("0 0 12 ? * 7L", "7 is Saturday (write `SATL`)"),
        ("0 0 12 ? * MON,7", "7 is Saturday (write `MON,SAT`)"),
    ],
)
def test_weekdays_count_from_sunday(expression: str, message: str) -> None:
    assert told(expression) == [f"schedule-weekday-number: counts weekdays from 1 on Sunday: {message}"]


@pytest.mark.parametrize(
    "expression", ["0 0 12 ? * 2-6", "0 0 12 ? * 1-7", "0 0 12 ? * FRI#3", "0 0 12 ? * 2/2"]
)
def test_weekdays_that_nobody_misreads_are_no_surprise(expression: str) -> None:
    assert told(expression) == []


@pytest.mark.parametrize(
    ("expression", "surprising"),
    [
        ("0 0 6,12 15W * ?", True),
        ("0 0/30 6 L-3W * ?", True),
        ("0 0 6 15W * ?", False),
        ("0 0 6,12 LW * ?", False),
        ("0 0 6,12 15 * ?", False),
    ],
)
def test_a_day_that_moves_forward_has_one_run_only(expression: str, surprising: bool) -> None:
    code = "schedule-nearest-weekday: runs only once in a month in which `W` moves the day forward"

    assert [one.startswith(code) for one in told(expression)] == [True] * surprising


@pytest.mark.parametrize(
    ("expression", "surprising"),
    [
        ("0 0 6 28W,LW * ?", True),
        ("0 0 6 15W,20W * ?", True),
        ("0 0 6 1W,15W * ?", False),
        ("0 0 6 15W,20 * ?", False),
    ],
)
def test_of_several_days_with_w_the_later_may_be_lost(expression: str, surprising: bool) -> None:
    code = "schedule-nearest-weekday: leaves the later day with `W` out"

    assert [one.startswith(code) for one in told(expression)] == [True] * surprising
