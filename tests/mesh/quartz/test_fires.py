"""The times at which expressions fire, compared with Quartz."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from mesh.quartz.expression import parse
from mesh.quartz.fires import days_in_month, fires, next_fire
from mesh.quartz.zone import zone
from tests.support.quartz_answers import MAX_YEAR, Question, answers, header
from tools.quartz.expressions import expressions


def agrees(expression: str, question: Question) -> bool:
    read = parse(expression, max_year=MAX_YEAR)
    count = len(question.fires) + question.over
    return list(islice(fires(read, question.zone, question.after), count)) == list(question.fires)


def test_every_expression_fires_when_quartz_fires() -> None:
    questions = [(answer.expression, one) for answer in answers() for one in answer.questions]

    assert [(text, one) for text, one in questions if not agrees(text, one)] == []
    assert len(questions) > 2000


def test_the_fixture_holds_the_expressions_of_the_generator() -> None:
    origin = header()
    committed = [answer.expression for answer in answers()][: origin["expressions"]]

    assert committed == expressions(origin["seed"], origin["expressions"])
    assert len(committed) == 1000


@pytest.mark.parametrize(
    ("expression", "place", "after", "expected"),
    [
        ("0 30 2 * * ?", "Europe/Oslo", "2027-03-27T12:00:00Z", ["2027-03-29T00:30:00Z"]),
        ("0 0 * * * ?", "Europe/Oslo", "2026-10-24T23:00:00Z", ["2026-10-25T01:00:00Z"]),
        # the first hour of the day is skipped: `W` does not begin the search for the hour anew
        ("0 0 6,12 16W * ?", "UTC", "2027-02-15T06:00:00Z", ["2027-02-16T12:00:00Z"]),
        # the 14th is a Sunday and moves to the 15th, where the search finds no 14th any more
        ("0 0 6,12 14W * ?", "UTC", "2027-02-15T06:00:00Z", ["2027-03-15T06:00:00Z", "2027-04-14T06:00:00Z"]),
        # Saturday the 15th moves to the 14th, and the search for another day ends there
        (
            "0 0 6 15W,20W * ?",
            "UTC",
            "2026-08-01T00:00:00Z",
            ["2026-08-14T06:00:00Z", "2026-09-15T06:00:00Z"],
        ),
        # day 10 is compared with L-20 as if the month had 31 days
        ("0 0 6 10,L-20 * ?", "UTC", "2027-02-01T00:00:00Z", ["2027-02-10T06:00:00Z"]),
    ],
)
def test_surprises_of_quartz_are_kept(expression: str, place: str, after: str, expected: list[str]) -> None:
    known = zone(place)
    assert known is not None
    found = islice(fires(parse(expression), known, datetime.fromisoformat(after)), len(expected))

    assert [f"{fire:%Y-%m-%dT%H:%M:%SZ}" for fire in found] == expected


@pytest.mark.parametrize(
    "expression",
    [
        "0 0 12 30 2 ?",
        "0 0 12 1 JAN ? 2020",
        "0 0 12 1 L ?",
        "0 , 12 * * ?",
        "0 0 12 ? * ,",
        "0 0 1 1 1 ? 9999",
    ],
)
def test_some_expressions_never_fire(expression: str) -> None:
    assert next_fire(parse(expression), UTC, datetime(2026, 12, 1, tzinfo=UTC)) is None


def test_parts_of_a_second_do_not_count() -> None:
    after = datetime(2026, 12, 1, 5, 59, 59, 999_999, tzinfo=UTC)

    assert next_fire(parse("0 0 6 * * ?"), UTC, after) == datetime(2026, 12, 1, 6, tzinfo=UTC)


def test_february_has_a_leap_day_every_four_years() -> None:
    assert [days_in_month(year, 2) for year in (2000, 2027, 2028, 2100)] == [29, 28, 29, 28]
