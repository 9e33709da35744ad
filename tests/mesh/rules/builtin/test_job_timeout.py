"""Rule `job-timeout`."""

from __future__ import annotations

from tests.mesh.rules.conftest import ORDERS, TASKS, Found

RULE = "rules: {job-timeout: {longest: 3600}}"


def test_an_inherited_timeout_counts(found: Found) -> None:
    assert found(RULE, {"orgs/acme/defaults.yml": "timeout_seconds: 3600"}) == []


def test_no_timeout_and_zero_are_the_same(found: Found) -> None:
    message = "the job has no timeout (add `timeout_seconds`, 3600 at most) [job-timeout]"

    assert found(RULE) == [f"deployment.yml:1: {message}"]
    assert found(RULE, {ORDERS: TASKS + "timeout_seconds: 0\n"}) == [f"deployment.yml:2: {message}"]


def test_a_long_timeout_is_told_with_its_origin(found: Found) -> None:
    assert found(RULE, {"orgs/acme/defaults.yml": "timeout_seconds: 7200"}) == [
        "deployment.yml:1: the job may run for 7200 s (3600 at most; orgs/acme/defaults.yml:1) [job-timeout]"
    ]
