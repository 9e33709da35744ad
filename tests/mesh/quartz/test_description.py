"""Schedules for people."""

from __future__ import annotations

from datetime import UTC, datetime

from mesh.quartz.description import in_words, next_runs, run_text

AFTER = datetime(2027, 3, 26, 12, tzinfo=UTC)


def test_the_next_runs_are_in_the_zone_of_the_schedule() -> None:
    runs = next_runs("0 30 2 * * ?", "Europe/Oslo", AFTER)

    assert [run_text(run) for run in runs] == [
        "2027-03-27 02:30+01:00",
        "2027-03-29 02:30+02:00",
        "2027-03-30 02:30+02:00",
    ]


def test_seconds_are_told_where_there_are_any() -> None:
    assert [run_text(run) for run in next_runs("15 30 * * * ?", "UTC", AFTER, 1)] == [
        "2027-03-26 12:30:15+00:00"
    ]


def test_an_unknown_zone_is_gmt_as_in_java() -> None:
    assert next_runs("0 0 6 * * ?", "Europe/Nowhere", AFTER, 1) == [datetime(2027, 3, 27, 6, tzinfo=UTC)]


def test_what_quartz_refuses_has_neither_words_nor_runs() -> None:
    assert in_words("nonsense") == "nonsense"
    assert next_runs("nonsense", "UTC", AFTER) == []
