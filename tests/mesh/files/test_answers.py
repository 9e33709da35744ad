"""A key of answers is equal only if all questions and answers are equal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.files.answers import Answers, Questions

SAID = Answers({"a": "x/file"}, {"b": "file"}, {"c": "file\0c\0"}, {"d": "0" * 64})


def test_equal_answers_have_equal_keys() -> None:
    assert replace(SAID).key("p") == SAID.key("p")


@pytest.mark.parametrize(
    "other",
    [
        replace(SAID, names={"a": "y/file"}),
        replace(SAID, names={}),
        replace(SAID, entries={"b": "folder"}),
        replace(SAID, entries={}, links={"b": "file"} | SAID.links),
        replace(SAID, links={"c": "file\0\0"}),
        replace(SAID, contents={"d": "1" * 64}),
        replace(SAID, contents={"d": "0" * 64, "e": "0" * 64}),
    ],
)
def test_another_question_or_answer_is_another_key(other: Answers) -> None:
    assert other.key("p") != SAID.key("p")


def test_other_facts_are_another_key() -> None:
    assert SAID.key("p") != SAID.key("q")
    assert SAID.key("p", "q") != SAID.key("pq")


def test_questions_are_the_paths() -> None:
    assert SAID.questions == Questions(("a",), ("b",), ("c",), ("d",))
