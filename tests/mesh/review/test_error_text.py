"""The error of Terraform in a report."""

from __future__ import annotations

import json

import pytest

from mesh.commands.review import report_files
from mesh.model.review_policy import PolicyFile
from mesh.review.error_text import error_excerpt, plain_text
from mesh.review.formats.format import Format
from mesh.review.plan import stack_plan
from mesh.review.review import review

RED, RESET = "\x1b[31m", "\x1b[0m\x1b[1m"
HIDDEN = [
    *("\x1b", "\x9b", "\x07", "\x00", "\x08", "\r", "\x7f", "\x85"),
    *("\u202e", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\ufeff", "\u2028", "\u00ad", "\U000e0041"),
]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (f"{RED}╷{RESET}\n{RED}│{RESET} Error: no", "╷\n│ Error: no"),
        ("a\x1b[38;5;196mb\x1b[0mc\x9b31md", "abcd"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\ and \x1b]0;title\x07text", "link and text"),
        ("a\x1b[2K\x1b[1Gb\x1b(Bc", "abc"),
        ("one\r\ntwo\rthree", "one\ntwothree"),
        ("\u202eabc\u2069 d\u200be\u2028f", "abc def"),
        ("a\u00a0b\u3000c\td", "a b c\td"),
        ("Ærlig talt: 日本語 🙂", "Ærlig talt: 日本語 🙂"),
        ("[31m stays, as a list [0] does", "[31m stays, as a list [0] does"),
    ],
)
def test_colours_and_invisible_characters_are_removed(output: str, expected: str) -> None:
    assert plain_text(output) == expected


@pytest.mark.parametrize("format", Format)
def test_no_report_has_colours_control_or_direction_characters_of_an_error(format: Format) -> None:
    error = f"{RED}Error: {RESET}{''.join(f'a{one}b' for one in HIDDEN)}\n{RED}second{RESET} line"
    report = review([stack_plan("stack", None, error)], None, PolicyFile())

    (file,) = report_files(report, format)

    text = file.text
    if format is Format.JSON:
        text = json.loads(text)["stacks"][0]["error"]
    assert [one for one in HIDDEN if one in text] == []
    assert "[31m" not in text
    assert "second line" in text


@pytest.mark.parametrize("between", ["\x1b[1m", "\u200b", "\x08"])
def test_a_secret_is_recognized_behind_colours(between: str) -> None:
    token = "dapi" + "0a" * 16

    assert error_excerpt(f"Error: x\n{token[:9]}{between}{token[9:]}") == "Error: x\n(looks like a secret)"


def test_an_error_begins_at_the_error_and_is_cut() -> None:
    lines = "\n".join(f"line {number}" for number in range(60))

    excerpt = error_excerpt(f"Warning: old\n\nError: no\n{'x' * 400}\n{lines}").splitlines()

    assert excerpt[:2] == ["Error: no", "x" * 300 + "…"]
    assert excerpt[-1] == "… and 22 more lines"
