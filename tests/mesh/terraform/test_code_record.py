"""Hashes of Terraform code, block by block, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.terraform.code_record import block_hashes, difference

OLD, NEW = "a" * 40, "b" * 40


def job(commit: str, retries: int = 0) -> dict[str, Any]:
    """A job that names its commit in its source, a tag, a parameter and a text."""
    return {
        "git_source": {"git_commit": commit},
        "tags": {"git_commit": commit},
        "parameter": [{"name": "git_commit", "default": commit}],
        "description": f"at {commit}",
        "task": [{"max_retries": retries}],
    }


def differing(planned: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return difference(block_hashes(planned), block_hashes(now))


def test_every_block_has_an_address() -> None:
    code = {
        "//": {"metadata": {}},
        "data": {"databricks_user": {"one": {}}},
        "moved": [{"from": "databricks_job.a", "to": "databricks_job.b"}],
        "output": {"url": {"value": "x"}},
        "provider": {"databricks": [{"host": "https://x"}]},
        "resource": {"databricks_job": {"b": {}}},
        "terraform": {"backend": {"local": {}}, "required_providers": {}},
    }
    assert set(block_hashes(code)) == {
        *("metadata", "data.databricks_user.one", "moved to databricks_job.b", "output.url"),
        *("provider.databricks", "databricks_job.b", "terraform.backend", "terraform.required_providers"),
    }


def test_equal_blocks_do_not_differ_in_any_order() -> None:
    assert differing({"output": {"a": {"x": 1, "y": 2}}}, {"output": {"a": {"y": 2, "x": 1}}}) == ""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"a": job(OLD)}, ""),
        ({"a": job(NEW)}, "databricks_job.a (only its git commit)"),
        ({"a": job(NEW, retries=1)}, "databricks_job.a"),
        ({"a": job(OLD), "b": {}}, "databricks_job.b (not in the plan)"),
        ({}, "databricks_job.a (no longer declared)"),
    ],
)
def test_blocks_that_differ_are_named_with_a_reason(now: dict[str, Any], expected: str) -> None:
    planned = {"resource": {"databricks_job": {"a": job(OLD)}}}
    assert differing(planned, {"resource": {"databricks_job": now}}) == expected


def test_at_most_five_blocks_are_named_and_those_with_another_commit_last() -> None:
    def jobs(commit: str, retries: int) -> dict[str, Any]:
        return {
            "resource": {
                "databricks_job": {"a": job(commit)} | {f"b{n}": job(OLD, retries) for n in range(5)}
            }
        }

    assert differing(jobs(OLD, 0), jobs(NEW, 1)) == (
        "databricks_job.b0, databricks_job.b1, databricks_job.b2, databricks_job.b3, databricks_job.b4 and 1 more"
    )


def test_a_record_holds_no_values() -> None:
    code = {"resource": {"databricks_job": {"a": {"name": "a value"}}}}
    assert "a value" not in str(block_hashes(code))
