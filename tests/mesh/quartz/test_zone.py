"""Time zones by the names that Java knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mesh.quartz.zone import clock_changes, names, zone

SUMMER = datetime(2027, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("UTC", 0),
        ("Europe/Oslo", 2),
        ("US/Pacific", -7),
        ("PST", -7),
        ("EST", -5),
        ("IST", 5.5),
        ("GMT", 0),
        ("GMT+5", 5),
        ("GMT-05:30", -5.5),
        ("GMT-0530", -5.5),
        ("Etc/GMT+5", -5),
    ],
)
def test_java_knows_a_zone(name: str, hours: float) -> None:
    known = zone(name)

    assert known is not None
    assert SUMMER.astimezone(known).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    ["Europe/Nowhere", "europe/oslo", "utc", "UTC+2", "GMT+24", "GMT+5:3", "ROC", "", "../Oslo", "CEST"],
)
def test_java_takes_other_names_for_gmt(name: str) -> None:
    assert zone(name) is None


def test_the_data_of_zones_comes_from_the_package() -> None:
    oslo = zone("Europe/Oslo")

    assert isinstance(oslo, ZoneInfo) and oslo.key == "Europe/Oslo"
    assert len(names()) > 590


def test_clock_changes_of_a_year() -> None:
    oslo, after = zone("Europe/Oslo"), datetime(2026, 11, 29, tzinfo=UTC)
    assert oslo is not None

    assert clock_changes(oslo, after) == [
        datetime(2027, 3, 28, 1, tzinfo=UTC),
        datetime(2027, 10, 31, 1, tzinfo=UTC),
    ]
    assert clock_changes(UTC, after) == []
