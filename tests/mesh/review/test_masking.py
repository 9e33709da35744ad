"""Masking of secrets, and differences between values."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.review.masking import SENSITIVE, UNKNOWN, Edit, Marks, edits, masked, sensitive, text_masked


def test_marks_of_both_sides_are_merged() -> None:
    assert sensitive({"a": True}, {"b": [True]}, None) == {"a": True, "b": [True]}
    assert sensitive({"a": True}, True) is True
    assert sensitive(False, {}) == {}


def test_a_mark_on_one_block_holds_for_all_blocks_of_a_list() -> None:
    marks = Marks(sensitive={"task": [{}, {"token": True}]})

    assert masked({"task": [{"token": "x"}, {"token": "y"}]}, marks) == {
        "task": [{"token": SENSITIVE}, {"token": SENSITIVE}]
    }


def test_values_that_only_the_apply_sets_are_unknown() -> None:
    assert masked({"name": "a"}, Marks(unknown={"id": True})) == {"name": "a", "id": UNKNOWN}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1, "b": None}, []),
        ({"a": 1}, {"a": 2}, [Edit("a", "1", "2")]),
        ({"a": {"b": "x"}}, {"a": {}}, [Edit("a.b", "x", None)]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [Edit("a.b", "1", "2")]),
        ({"t": [{"task_key": "x", "n": 1}]}, {"t": []}, [Edit("t[x].n", "1", None)]),
        ({"d": '{"a": 1, "b": 2}'}, {"d": '{"b": 2, "a": 3}'}, [Edit("d.a", "1", "3")]),
    ],
)
def test_edits_are_the_attributes_that_differ(
    before: dict[str, Any], after: dict[str, Any], expected: list[Edit]
) -> None:
    assert list(edits(before, after, Marks(), Marks())) == expected


def test_long_values_are_cut() -> None:
    (edit,) = edits({"a": None}, {"a": "x" * 1000}, Marks(), Marks())

    assert edit.after == f"{'x' * 200}… (1,000 characters)"


def test_text_is_masked_line_by_line() -> None:
    token = "dapi" + "0" * 32

    assert text_masked(f"a\n{token}\n{token}\nb") == "a\n(looks like a secret)\nb"
