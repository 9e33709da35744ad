"""Rule `job-retries`."""

from __future__ import annotations

from tests.mesh.rules.conftest import ORDERS, Found

RULE = "rules: {job-retries: {most: 2}}"


def task(fields: str) -> dict[str, str]:
    return {ORDERS: f"tasks:\n- {{task_key: a, serverless: true{fields}}}\n"}


def test_few_retries_are_fine(found: Found) -> None:
    assert found(RULE, task("")) == found(RULE, task(", max_retries: 2")) == []


def test_more_retries_and_retries_without_end_are_found(found: Found) -> None:
    assert found(RULE, task(", max_retries: 3")) == [
        "deployment.yml:2: task `a` is retried 3 times (2 at most) [job-retries]"
    ]
    assert found(RULE, task(", max_retries: -1")) == [
        "deployment.yml:2: task `a` is retried without end (2 at most) [job-retries]"
    ]


def test_inherited_retries_count(found: Found) -> None:
    files = {**task(""), "orgs/acme/defaults.yml": "max_retries: 9"}

    assert found(RULE, files) == [
        "deployment.yml:2: task `a` is retried 9 times (2 at most; orgs/acme/defaults.yml:1) [job-retries]"
    ]
