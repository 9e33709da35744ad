"""Sentences with names."""

from __future__ import annotations

import pytest

from mesh.review.sentence import Name, counted, joined, listed, plain, quoted, value_change


def test_names_are_one_visible_line_of_limited_length() -> None:
    assert Name.of("a\nb\u202e").text == "a\\nb\\u202e"
    assert Name.of("x" * 900).text == "x" * 799 + "…"


def test_long_lists_end_with_the_number_of_omitted_names() -> None:
    assert plain(listed("abc")) == "`a`, `b`, `c`"
    assert plain(listed("abc", most=2)) == "`a`, `b` and 1 more"


def test_sentences_are_joined() -> None:
    assert plain(joined([("a ", Name("b")), ("c",)], " and ")) == "a `b` and c"


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (None, "1", "`1` (was not set)"),
        ("1", None, "not set (was `1`)"),
        ("1", "2", "`2` instead of `1`"),
    ],
)
def test_a_value_change_shows_the_new_and_the_old_value(
    before: str | None, after: str | None, text: str
) -> None:
    assert plain(value_change(before, after)) == text


def test_backticks_in_own_text_mark_names() -> None:
    assert quoted("add `renamed_from: a` to x/project.yml") == (
        "add ",
        Name("renamed_from: a"),
        " to x/project.yml",
    )


@pytest.mark.parametrize("text", ["a `b", "a <b> `c`", "a *b* `c`"])
def test_text_with_ambiguous_backticks_or_markup_is_one_name(text: str) -> None:
    assert quoted(text) == (Name(text.replace("`", "")),)


def test_nouns_have_a_plural() -> None:
    assert [counted(1, "schema"), counted(0, "schema"), counted(1200, "cluster policy")] == [
        "1 schema",
        "0 schemas",
        "1,200 cluster policies",
    ]
