"""Remedies for expressions that Quartz refuses or misreads."""

from __future__ import annotations

import pytest

from mesh.quartz.expression import misread_parts, parse
from mesh.quartz.field import QuartzError
from mesh.quartz.remedies import misreading, refusal, suggestion


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0 0 9 * * *", "0 0 9 * * ?"),
        ("0 0 9 ? * ?", "0 0 9 * * ?"),
        ("0 0 9 * * MON", "0 0 9 ? * MON"),
        ("0 0 9 15 * *", "0 0 9 15 * ?"),
        ("0 0 12 ? * MON, THU", "0 0 12 ? * MON,THU"),
        ("0 9 * * *", "0 0 9 * * ?"),
        ("*/5 * * * *", "0 */5 * * * ?"),
        ("0 9 * * 1-5", "0 0 9 ? * MON-FRI"),
        ("0 9 * * 0,7", "0 0 9 ? * SUN,SUN"),
        ("0 9 1 * *", "0 0 9 1 * ?"),
        ("0 0 5 * *", "0 0 5 * * ?"),
        ("0 0 5 ? * 0", "0 0 5 ? * SUN"),
        ("0 0 5 ? * 0-5", "0 0 5 ? * SUN-FRI"),
        ("0 0 5 ? * 10", None),
        ("0 0 9 15 * MON", None),
        ("0/90 * * * * ?", None),
        ("@daily", None),
        ("", None),
    ],
)
def test_a_suggestion_is_what_is_meant(written: str, meant: str | None) -> None:
    assert suggestion(written) == meant


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "0 */90 * * * ?",
            "Quartz refuses `0 */90 * * * ?` in the minutes: Increment >= 60 : 90 (a step begins anew in each minute, hour, day, month or year, so a longer one has no effect)",
        ),
        (
            "0 9 * * *",
            "Quartz refuses `0 9 * * *`: Unexpected end of expression. (did you mean `0 0 9 * * ?`?)",
        ),
        (
            "0 0 25 * * ?",
            "Quartz refuses `0 0 25 * * ?` in the hours: Hour values must be between 0 and 23 (docs/jobs.md#schedules explains the fields)",
        ),
    ],
)
def test_a_refusal_has_the_words_of_quartz_and_a_remedy(written: str, message: str) -> None:
    with pytest.raises(QuartzError) as caught:
        parse(written)

    assert refusal(written, caught.value) == message


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "0 0 6 ? * MON/2",
            "Quartz reads `MON/2` in the days of the week as `MON` and drops the step (write `2/2`, which is MON,WED,FRI)",
        ),
        (
            "0 0 6 ? * mon-fri/2",
            "Quartz reads `MON-FRI/2` in the days of the week as `MON-FRI` and drops the step (write `2-6/2`, which is MON,WED,FRI)",
        ),
        (
            "0 0 6 1 JAN/3 ?",
            "Quartz reads `JAN/3` in the months as `JAN` and drops the step (write `1/3`, which is JAN,APR,JUL,OCT)",
        ),
        (
            "0 0 6 ? * MONDAY-FRIDAY",
            "Quartz reads `MONDAY-FRIDAY` in the days of the week as `MON` (remove `DAY-FRIDAY`)",
        ),
        ("0 99 6 * * ?", "Quartz reads `99` in the minutes as `*` (write `*`)"),
        ("0 0 6 1 L ?", "Quartz accepts `L` in the months, but it never comes (correct it)"),
    ],
)
def test_a_misreading_says_what_quartz_reads(written: str, message: str) -> None:
    assert [misreading(one) for one in misread_parts(parse(written))] == [message]
