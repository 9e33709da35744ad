"""Quartz expressions: what Quartz refuses, and what it reads otherwise than it is written."""

from __future__ import annotations

import pytest

from mesh.quartz.expression import java_int, misread_parts, parse, split
from mesh.quartz.field import Field, QuartzError
from tests.support.quartz_answers import MAX_YEAR, Answer, answers


def refusal(expression: str) -> QuartzError | None:
    try:
        parse(expression, max_year=MAX_YEAR)
    except QuartzError as error:
        return error
    return None


def agrees(answer: Answer) -> bool:
    """Quartz adds the text of a Java exception to one of its messages."""
    error = refusal(answer.expression)
    if error is None or answer.error is None:
        return error is answer.error is None
    if error.message == "Illegal cron expression format":
        return answer.error.startswith(f"{error.message} (java.lang.") and answer.offset in (None, 0)
    return answer.error == error.message and answer.offset in (None, error.offset)


def test_it_refuses_what_quartz_refuses_with_its_message_at_its_position() -> None:
    everything = list(answers())

    assert [answer.expression for answer in everything if not agrees(answer)] == []
    assert len(everything) > 1060
    assert sum(answer.error is not None for answer in everything) > 200


@pytest.mark.parametrize(
    ("expression", "message", "field", "value"),
    [
        ("0 0 9 * *", "Unexpected end of expression.", None, None),
        ("0 0 12 ? * MON, THU", "Illegal characters for this position: 'THU'", Field.YEAR, "THU"),
        ("0 0 12 ? JAN,FEC MON", "Invalid Month value: 'FEC'", Field.MONTH, "FEC"),
        ("0 */90 * * * ?", "Increment >= 60 : 90", Field.MINUTE, "*/90"),
        ("0 0 12 ? * 0", "Day-of-Week values must be between 1 and 7", Field.WEEKDAY, "0"),
    ],
)
def test_a_refusal_names_the_field(
    expression: str, message: str, field: Field | None, value: str | None
) -> None:
    error = refusal(expression)

    assert error is not None
    assert (error.message, error.field, error.value) == (message, field, value)


@pytest.mark.parametrize(
    ("expression", "value", "read", "ignored"),
    [
        ("0 0 6 ? * MON/2", "MON/2", "MON", "/2"),
        ("0 0 6 ? * MON-FRI/2", "MON-FRI/2", "MON-FRI", "/2"),
        ("0 0 6 1 JAN/3 ?", "JAN/3", "JAN", "/3"),
        ("0 0 6 ? * monday-friday", "MONDAY-FRIDAY", "MON", "DAY-FRIDAY"),
        ("0 0 6 ? * LW", "LW", "L", "W"),
        ("0 0 6 1 L ?", "L", "", "L"),
        ("0 30S * * * ?", "30S", "30", "S"),
        ("0 5/15x * * * ?", "5/15X", "5/15", "X"),
        ("0 *5 * * * ?", "*5", "*", "5"),
        ("99 0 6 * * ?", "99", "*", ""),
        ("0 0 6 98 * MON", "98", "?", ""),
        ("0 */0 * * * ?", "*/0", "*", ""),
        ("0 5-20/0 * * * ?", "5-20/0", "5", ""),
    ],
)
def test_text_that_quartz_ignores_is_known(expression: str, value: str, read: str, ignored: str) -> None:
    (misread,) = misread_parts(parse(expression, max_year=MAX_YEAR))

    assert (misread.value, misread.read, misread.ignored) == (value, read, ignored)


@pytest.mark.parametrize("expression", ["0 0 6 ? * Thursday,TUES", "0 0 6 1 January ?", "00 07 06 031 * ?"])
def test_names_in_full_and_leading_zeros_are_read_as_they_are_meant(expression: str) -> None:
    assert list(misread_parts(parse(expression, max_year=MAX_YEAR))) == []


def test_nothing_else_is_misread() -> None:
    """Two expressions that Quartz reads alike have the same values."""
    for answer in answers():
        if answer.error is not None:
            continue
        read = parse(answer.expression, max_year=MAX_YEAR)
        fields = list(read.fields)
        for one in read.misread:
            parts = fields[one.field].split(",")
            fields[one.field] = ",".join(one.read if part == one.value else part for part in parts)
        if any(one.read == "" for one in read.misread):
            continue  # nothing to write in its place
        again = parse(" ".join(fields), max_year=MAX_YEAR)
        assert again.misread == ()
        assert (again.values, again.nearest_weekdays) == (read.values, read.nearest_weekdays)


def test_spaces_and_tabs_separate_fields_and_line_ends_do_not() -> None:
    assert split(" 0\t0  12 ?\n * MON ") == ["0", "0", "12", "?", "*", "MON"]
    assert split("0 0\n12") == ["0", "0\n12"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("+5", 5), ("-5", -5), ("007", 7), ("0" * 5000 + "31", 31), ("-2147483648", -(2**31))],
)
def test_numbers_are_those_of_java(text: str, number: int) -> None:
    assert java_int(text) == number


@pytest.mark.parametrize("text", ["", "+", " 5", "5_0", "5.0", "2147483648", "9" * 5000, "x"])
def test_what_java_does_not_read_as_a_number_is_refused(text: str) -> None:
    with pytest.raises(QuartzError):
        java_int(text)


@pytest.mark.parametrize(
    "text",
    [
        "5," * 50_000,
        "1" * 100_000,
        "x" * 100_000,
        "0 " * 50_000,
        "MON/" * 30_000,
        "\x00",
        "\U0001d7d9",
        "\u0665/\u0665",
    ],
)
def test_long_and_strange_texts_are_answered_at_once(text: str) -> None:
    for expression in (text, f"0 0 6 ? * {text}", f"0 {text} 6 * * ?", f"0 0 6 1 1 ? {text}"):
        error = refusal(expression)
        assert error is None or error.message
