"""Resources are synthesized in the form in which the provider reads them back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mesh.documents.canonical_form import canonical

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "provider-1.99.0-recordings.jsonl"


def recorded(case: str) -> dict[str, Any]:
    """What the real provider did with one configuration."""
    lines = RECORDINGS.read_text(encoding="utf-8").splitlines()
    return next(one for one in map(json.loads, lines) if one["case"] == case)


def named(blocks: Any, key: str) -> list[str]:
    """The keys of blocks, in their order."""
    return [block[key] for block in blocks]


def test_tasks_are_in_the_order_of_their_keys_bytewise() -> None:
    job = canonical("job", {"task": [{"task_key": "a"}, {"task_key": "_c"}, {"task_key": "B"}]})

    assert named(job["task"], "task_key") == ["B", "_c", "a"]


def test_dependencies_and_webhooks_are_sorted_wherever_they_are() -> None:
    webhooks = {"on_failure": [{"id": "2"}, {"id": "1"}]}
    inner = {"task_key": "x", "webhook_notifications": webhooks}
    task = {
        "task_key": "t",
        "depends_on": [{"task_key": "b", "outcome": "true"}, {"task_key": "a"}],
        "for_each_task": {"inputs": "[2, 1]", "task": inner},
    }

    job = canonical("job", {"webhook_notifications": webhooks, "task": [task]})

    assert named(job["webhook_notifications"]["on_failure"], "id") == ["1", "2"]
    assert job["task"][0]["retry_on_timeout"] is False
    assert job["task"][0]["depends_on"] == [{"task_key": "a"}, {"task_key": "b", "outcome": "true"}]
    loop = job["task"][0]["for_each_task"]
    assert loop["inputs"] == "[2, 1]"
    assert named(loop["task"]["webhook_notifications"]["on_failure"], "id") == ["1", "2"]


def test_each_task_has_an_explicit_retry_on_timeout() -> None:
    """Otherwise it takes the value of the task that was at its position, as tried with provider 1.99.0."""
    tasks = [{"task_key": "b", "retry_on_timeout": True}, {"task_key": "a"}]

    assert canonical("job", {"task": tasks})["task"] == [
        {"task_key": "a", "retry_on_timeout": False},
        {"task_key": "b", "retry_on_timeout": True},
    ]


def test_lists_that_the_provider_does_not_sort_keep_their_order() -> None:
    job = {
        "email_notifications": {"on_failure": ["b@acme.example", "a@acme.example"]},
        "job_cluster": [{"job_cluster_key": "b"}, {"job_cluster_key": "a"}],
        "parameter": [{"name": "b"}, {"name": "a"}],
    }

    assert canonical("job", job) == job
    assert canonical("pipeline", {"cluster": [{"label": "b"}, {"label": "a"}]}) == {
        "cluster": [{"label": "b"}, {"label": "a"}]
    }


@pytest.mark.parametrize(
    ("case", "attribute"),
    [
        ("job_tasks_unsorted", "task"),
        ("job_depends_on_unsorted", "task"),
        ("job_upper_lower_keys", "task"),
        ("job_webhooks_unsorted", "webhook_notifications"),
        ("job_task_webhooks_unsorted", "task"),
        ("job_two_hundred_tasks", "task"),
    ],
)
def test_the_order_is_that_of_the_real_provider(case: str, attribute: str) -> None:
    recording = recorded(case)
    declared = recording["config"]["databricks_job"]["j"]
    # the second plan of these differs for ever: what was read, then what was declared
    read, _ = recording["second_plan"]["databricks_job.j"]["attributes"][attribute]

    assert keys(declared[attribute]) != keys(read)
    assert keys(canonical("job", declared)[attribute]) == keys(read)


@pytest.mark.parametrize("case", ["job_tasks_sorted", "job_emails_unsorted", "job_clusters_unsorted"])
def test_configurations_without_a_second_plan_stay_as_they_are(case: str) -> None:
    recording = recorded(case)
    declared = recording["config"]["databricks_job"]["j"]

    assert recording["second_plan"] == {}
    usual = {"retry_on_timeout": False}
    assert canonical("job", declared) == declared | {"task": [usual | task for task in declared["task"]]}


def keys(value: Any) -> list[str]:
    """The keys of all blocks in a value, in the order in which they are written."""
    if isinstance(value, list):
        return [key for item in value for key in keys(item)]
    if not isinstance(value, dict):
        return []
    own = [value[name] for name in ("task_key", "id") if value.get(name)]
    return own + [key for name in sorted(value) for key in keys(value[name])]
