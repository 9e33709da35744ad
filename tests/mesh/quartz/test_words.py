"""Expressions in words: by hand, and never two different ones in the same words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from datetime import UTC, datetime

import pytest

from mesh.quartz.expression import Expression, parse
from mesh.quartz.field import Field
from mesh.quartz.surprises import surprises
from mesh.quartz.words import words
from tests.support.quartz_answers import MAX_YEAR, Question, answers
from tests.support.words_reader import read


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("0 0 16 ? * Thu", "Thu at 16:00"),
        ("27 0 16 ? * Thu", "Thu at 16:00:27"),
        ("0 30 5 * * ?", "every day at 05:30"),
        ("0 30 5 ? * 1-7", "every day at 05:30"),
        ("0 15 7 ? * MON-FRI", "Mon to Fri at 07:15"),
        ("0 15 7 ? * SAT-MON", "Sat to Mon at 07:15"),
        ("0 15 7 ? * SUN,SAT", "Sat, Sun at 07:15"),
        ("0 0 6 1 * ? *", "on day 1 of every month at 06:00"),
        ("0 0 * * * ?", "every hour"),
        ("0 20 * * * ?", "every hour at :20"),
        ("15 30 * * * ?", "every hour at :30:15"),
        ("15 0 * * * ?", "every hour at :00:15"),
        ("15 30 * ? * MON", "every hour at :30:15, only on Monday"),
        ("* * * * * ?", "every second"),
        ("*/10 * * * * ?", "every 10 seconds"),
        ("0 0/30 * * * ?", "every 30 minutes"),
        ("0 5/15 * * * ?", "every 15 minutes, starting at 5 minutes past the hour"),
        ("0 0/7 * * * ?", "at 0, 7, 14, 21, 28, 35, 42, 49, and 56 minutes past the hour"),
        ("0 59/5 * * * ?", "every hour at :59"),
        ("0 0 0/6 * * ?", "every 6 hours"),
        ("0 0 0/7 * * ?", "at 00:00, 07:00, 14:00 and 21:00"),
        ("0 0/15 8-17 ? * MON-FRI", "every 15 minutes, between 08:00 and 17:59, Monday through Friday"),
        ("0 0 22-2 * * ?", "at 0 minutes past the hour, between 22:00 and 02:59"),
        ("0 * 0,10 * * ?", "every minute in hours 0 and 10"),
        ("30 0 9,17 * * ?", "at 09:00:30 and 17:00:30"),
        ("*/10 0/20 3 * * ?", "every 10 seconds in minutes 0, 20 and 40 in hour 3"),
        ("0 0 12 31 * ?", "at 12:00, on day 31 of the months that have one"),
        ("0 0 12 L * ?", "at 12:00, on the last day of the month"),
        ("0 0 12 LW * ?", "at 12:00, on the last weekday (Mon to Fri) of the month"),
        ("0 0 12 L-3 * ?", "at 12:00, on the day 3 days before the last one of the month"),
        ("0 15 10 1,L * ?", "at 10:15, on day 1 and the last day of the month"),
        (
            "0 0 12 15W,1W * ?",
            "at 12:00, on the weekday (Mon to Fri) nearest to day 1 and the weekday (Mon to Fri) nearest to day 15 of the month",
        ),
        ("0 0 0 1/31 * ?", "on day 1 of every month at 00:00"),
        ("0 0 0 1 1/5 ?", "at 00:00, only in January, June, and November, on day 1 of the month"),
        ("0 0 6 * NOV-FEB ?", "at 06:00, only in January, February, November, and December"),
        ("0 15 10 ? * 6L", "at 10:15, on the last Friday of the month"),
        ("0 15 10 ? * L", "Sat at 10:15"),
        ("0 15 10 ? * FRI#5", "at 10:15, on the fifth Friday of the month"),
        ("0 0 6 ? * MON/2", "Mon at 06:00"),
        ("0 0 6 ? * 2/2", "Mon, Wed, Fri at 06:00"),
        ("0 0 6 1 JAN/3 ?", "at 06:00, only in January, on day 1 of the month"),
        ("0 0 6 1 1 ? 2027", "at 06:00, only in January, on day 1 of the month, only in 2027"),
        ("0 0 6 * * ? 2027/2", "at 06:00, every 2 years from 2027 on"),
        ("0 0 6 * * ? 2027/1", "at 06:00, from 2027 on"),
        ("0 0 6 * * ? 2027-2029,2031", "at 06:00, only in 2027 to 2029 and 2031"),
        ("0 0 6 1 L ?", "never"),
        ("0 0 6 ? * 9#2", "0 0 6 ? * 9#2"),
    ],
)
def test_an_expression_in_words(expression: str, text: str) -> None:
    assert words(parse(expression, max_year=MAX_YEAR)) == text


def meaning(expression: Expression) -> Hashable:
    """What decides when an expression fires; every day of the month and of the week are the same."""
    values = {number: tuple(numbers) for number, numbers in expression.values.items()}
    of_weekday = expression.last_weekday, expression.nth
    if any(of_weekday):
        values[Field.WEEKDAY] = values[Field.WEEKDAY][:1]  # Quartz looks for the first one only
    every_weekday = expression.by_weekday and len(values[Field.WEEKDAY]) == 7 and not any(of_weekday)
    every_day = len(values[Field.DAY]) == 31 and not expression.nearest_weekdays
    if every_weekday or (not expression.by_weekday and every_day):
        values[Field.DAY] = values[Field.WEEKDAY] = ()
    values[Field.YEAR] = tuple(year for year in values[Field.YEAR] if 1970 <= year <= MAX_YEAR)
    return tuple(values.items()), tuple(expression.nearest_weekdays), of_weekday


def test_the_same_words_are_the_same_times() -> None:
    """The words leave nothing out: they decide every field."""
    read = [parse(answer.expression, max_year=MAX_YEAR) for answer in answers() if answer.error is None]
    meanings: dict[str, set[Hashable]] = defaultdict(set)
    for one in read:
        meanings[words(one)].add(meaning(one))

    assert [text for text, several in meanings.items() if len(several) > 1 and text != "never"] == []
    assert len(meanings) > 700


def test_the_same_times_are_the_same_words() -> None:
    texts: dict[Hashable, set[str]] = defaultdict(set)
    for answer in answers():
        if answer.error is None:
            read = parse(answer.expression, max_year=MAX_YEAR)
            texts[meaning(read)].add(words(read))

    assert [several for several in texts.values() if len(several) > 1] == []


def next_by_words(sentence: str, question: Question) -> list[datetime]:
    """The moments that somebody expects who reads the words, as many as Quartz fires."""
    reading, found = read(sentence), [question.after.astimezone(question.zone)]
    for fire in question.fires:
        moment = reading.next(found[-1], fire.astimezone(question.zone))
        found += [moment] if moment else []
    return found[1:]


def leaves_runs_out(expression: str) -> bool:
    found = surprises(parse(expression, max_year=MAX_YEAR), UTC, datetime(2026, 11, 29, tzinfo=UTC))
    return "schedule-nearest-weekday" in [one.code for one in found]


def test_the_words_promise_the_moments_at_which_quartz_fires() -> None:
    """Where no clock is changed: somebody who only reads the words expects each run, and no other.

    Unless `mesh validate` warns that Quartz leaves runs out.
    """
    asked = [
        (answer.expression, sentence, question)
        for answer in answers()
        for question in answer.questions
        if str(question.zone) in ("UTC", "Asia/Kolkata") and question.fires
        if (sentence := words(parse(answer.expression, max_year=MAX_YEAR))) != "never"
    ]

    differ = [
        (expression, sentence)
        for expression, sentence, question in asked
        if next_by_words(sentence, question) != [fire.astimezone(question.zone) for fire in question.fires]
    ]
    assert [(expression, text) for expression, text in differ if not leaves_runs_out(expression)] == []
    assert len(asked) > 700


def test_a_reader_of_the_words_expects_the_runs_of_every_day_but_that_of_the_clock_change() -> None:
    """In zones with changes, each moment at which Quartz fires is one that the words name."""
    unexpected = [
        (answer.expression, fire)
        for answer in answers()
        if answer.error is None
        if (sentence := words(parse(answer.expression, max_year=MAX_YEAR))) != "never"
        for reading in [read(sentence)]
        for question in answer.questions
        for fire in question.fires
        if not reading.is_met(fire.astimezone(question.zone))
    ]

    assert unexpected == []
