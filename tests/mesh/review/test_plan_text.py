"""Texts that are the JSON of a plan, or almost."""

from __future__ import annotations

import json

import pytest

from mesh.review.masking import Marks, masked
from mesh.review.plan_text import MAX_DEPTH, parse_plan, too_deep

PLAN = json.dumps({"format_version": "1.2", "resource_changes": [{"a": "hunter2", "b": [1, True, None]}]})
INDENTED = json.dumps(json.loads(PLAN), indent=2)


@pytest.mark.parametrize("plan", [PLAN, INDENTED])
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "\ufeff{}",
        "{}\n",
        "[command]/usr/bin/terraform show -json mesh.plan\n{}",
        "\ufeff+ terraform show -json mesh.plan\r\n{}",
        "Initializing {{modules}} …\n\n{}",
        "{}\n::debug::Terraform exited with code 0.\n",
    ],
)
def test_a_plan_is_read_despite_a_byte_order_mark_and_lines_of_a_wrapper(plan: str, around: str) -> None:
    text = around.replace("{{", "<").replace("}}", ">").replace("{}", plan)

    assert parse_plan(text) == (json.loads(PLAN), None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the plan is empty"),
        (" \n", "the plan is empty"),
        ("\ufeff", "the plan is empty"),
        ("[]", "this JSON is not a plan"),
        ('{"a": 1}', "this JSON is not a plan"),
        (f"{PLAN}\n{PLAN}", "this file contains more than one JSON document"),
        (f"{PLAN}{PLAN}", "this file contains more than one JSON document"),
        (f"{INDENTED}\n{INDENTED}", "this file contains more than one JSON document"),
        (PLAN.replace("hunter2", "hunter2\x00"), "this file is UTF-16"),
        (PLAN.encode("utf-16").decode("utf-8", "replace"), "this file is UTF-16"),
        (PLAN.encode("utf-16-le").decode("utf-8", "replace"), "this file is UTF-16"),
        (f'{{"resource_changes": {"[" * 900}{"]" * 900}}}', f"this JSON is nested more than {MAX_DEPTH} levels"),
        (f'{{"resource_changes": {"[" * 9000}{"]" * 9000}}}', f"this JSON is nested more than {MAX_DEPTH} levels"),
        (PLAN.replace(": ", " = ", 2), "this is not valid JSON (line 1, character 19)"),
        (f"show: {PLAN}", "this is not valid JSON"),
        (PLAN[40:], "this is not valid JSON"),
        (PLAN.replace('"hunter2"', "1" * 5000), "this is not valid JSON"),
    ],
)  # fmt: skip
def test_other_texts_are_named_and_not_shown(text: str, problem: str) -> None:
    document, reason = parse_plan(text)

    assert document == {}
    assert reason is not None
    assert reason.startswith(problem)
    assert "hunter" not in reason
    assert "\n" not in reason


@pytest.mark.parametrize("plan", [PLAN, INDENTED])
def test_a_plan_that_is_cut_off_anywhere_is_named_and_not_shown(plan: str) -> None:
    for end in range(2, len(plan)):
        _, reason = parse_plan(plan[:end])
        assert reason == "this JSON is cut off: the file ends before the plan does (make the plan again)"


@pytest.mark.parametrize("text", ["Error: no login", "╷\n│ Error: a [b] {c}\n╵", "[31mError: no[0m"])
def test_a_text_without_json_is_terraform_s_error(text: str) -> None:
    assert parse_plan(text) == ({}, text)


def test_the_depth_of_a_value_is_bounded() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH):
        value = [value]
    assert not too_deep(value)
    assert too_deep([value])


@pytest.mark.parametrize("depth", [900, 9000])
def test_json_in_a_value_that_is_nested_deeply_is_not_shown(depth: int) -> None:
    text = f'{{"a": {"[" * depth}"hunter2"{"]" * depth}}}'

    assert "hunter" not in masked(text, Marks())
