"""Overrides of Terraform code."""

from __future__ import annotations

from typing import Any

from datamesh.cdktf_in_python.overrides import add_override, deep_merge


def test_a_path_replaces_what_is_no_mapping() -> None:
    overrides: dict[str, Any] = {"a": [1]}

    add_override(overrides, "a.b.c", 2)
    add_override(overrides, "a.b.d", 3)

    assert overrides == {"a": {"b": {"c": 2, "d": 3}}}


def test_mappings_are_merged_and_lists_joined() -> None:
    code = {"a": {"x": 1, "y": [1]}, "b": "text"}

    deep_merge(code, {"a": {"y": [2], "z": None}, "b": {"c": 1}})

    assert code == {"a": {"x": 1, "y": [1, 2], "z": None}, "b": {"c": 1}}


def test_what_is_merged_stays_as_it_is() -> None:
    code: dict[str, Any] = {"a": [1]}
    first, second = {"a": [2]}, {"a": [3]}

    deep_merge(code, first)
    deep_merge(code, second)

    assert (first, second) == ({"a": [2]}, {"a": [3]})
