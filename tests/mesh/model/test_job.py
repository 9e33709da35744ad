"""Jobs in deployment.yml: fields are passed on unchanged, except those that the mesh sets."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.errors import MeshError
from tests.mesh.conftest import Deployed, Findings
from tests.mesh.model.conftest import FILE

HEARD = "{on_failure: [team@acme.example]}"
CALLED = "{on_failure: [{id: hook}]}"
STARTS = {
    "schedule": "{quartz_cron_expression: 0 0 1 * * ?, timezone_id: UTC}",
    "trigger": "{periodic: {interval: 1, unit: DAYS}}",
    "continuous": "{task_retry_mode: NEVER}",
}
NOTIFIED = f"""
email_notifications: {HEARD}
webhook_notifications: {CALLED}
tasks:
- {{task_key: a, serverless: true, email_notifications: {HEARD}, webhook_notifications: {CALLED}}}
- task_key: each
  email_notifications: {HEARD}
  for_each_task:
    inputs: "[1]"
    task: {{task_key: b, serverless: true, notebook_task: {{notebook_path: a}}, email_notifications: {HEARD}}}
"""


def test_all_errors_of_a_job_are_reported_at_once_at_any_depth(deployed: Deployed) -> None:
    """Unknown names, wrong types and missing fields, each with line and remedy."""
    text = (
        "tasks:\n"
        "- task_key: a\n"
        "  sql_task:\n"
        "    warehouse_id: w\n"
        "    alert:\n"
        "      alert_id: x\n"
        "      subscriptions:\n"
        "      - {user_nam: ola@acme.example}\n"
        "queue: {}\n"
        "health: {rules: [{metric: RUN_DURATION_SECONDS, op: GREATER_THAN, value: '60'}]}\n"
        "job_clusters:\n"
        "- job_cluster_key: mine\n"
        "  new_cluster: {num_workers: 1, node: {min_cores: four}, spark_version: 15.4.x-scala2.12}\n"
        "- job_cluster_key: other\n"
        "  new_cluster: {num_workers: 1, node: {min_cores: -1}, spark_version: 15.4.x-scala2.12}\n"
    )
    with pytest.raises(MeshError) as caught:
        deployed({FILE: text})
    assert [str(one).removeprefix(FILE) for one in caught.value.findings] == [
        ":8:10: unknown field `user_nam` in subscriptions (did you mean `user_name`?)",
        ":9:8: `enabled` is missing in queue (add it)",
        ':10:74: `value` is `"60"`: should be a number',
        ':13:51: `min_cores` is `"four"`: should be a number',
        ":15:51: `min_cores` is `-1`: should be greater than or equal to 0",
    ]


def test_in_development_notifications_are_dropped(job: Any) -> None:
    """All notifications of the job and of each task."""
    dev, prod = job(NOTIFIED, "dev").settings, job(NOTIFIED).settings

    assert "notifications" not in str(dev)
    assert str(prod).count("notifications") == 6
    assert prod["tasks"][1]["for_each_task"]["task"]["email_notifications"] == {
        "on_failure": ["team@acme.example"]
    }


@pytest.mark.parametrize("name", STARTS)
def test_in_development_triggers_are_paused(job: Any, name: str) -> None:
    text = f"{name}: {STARTS[name]}{NOTIFIED}"
    assert job(text, "dev").settings[name]["pause_status"] == "PAUSED"
    assert "pause_status" not in job(text).settings[name]


@pytest.mark.parametrize("name", STARTS)
def test_an_explicit_pause_status_is_kept_in_development(job: Any, name: str) -> None:
    text = f"{name}: {STARTS[name].replace('{', '{pause_status: UNPAUSED, ', 1)}{NOTIFIED}"
    assert job(text, "dev").settings[name]["pause_status"] == "UNPAUSED"


def test_only_a_condition_has_an_outcome(deployed: Deployed, findings: Findings) -> None:
    """The finding is at the task that waits for the outcome."""
    condition = "{task_key: c, condition_task: {left: '1', op: EQUAL_TO, right: '1'}}"
    text = (
        f"tasks:\n- {condition}\n- {{task_key: a, serverless: true}}\n"
        "- {task_key: b, serverless: true, notebook_task: {notebook_path: a}, depends_on: [{task_key: %s, outcome: 'true'}]}\n"
    )
    assert deployed({FILE: text % "c"}).flow("prep/revenue").job is not None
    assert findings({FILE: text % "a"}) == [
        "outcome-without-condition: task `a` has no outcome, because it is not a condition_task (remove `outcome`)"
    ]
    assert findings({FILE: text.replace("'true'", "'yes'") % "c"}) == [
        'wrong-value: a condition ends with `"true"` or `"false"`, never `yes` (write one of them)'
    ]


def test_a_setting_of_a_level_above_may_not_break_a_rule_of_the_job(findings: Findings) -> None:
    """The message says where it is set."""
    text = "continuous: {}\ncontrol_run_state: true\ntasks: [{task_key: a, serverless: true}]"
    assert findings({FILE: text, "orgs/acme/defaults.yml": "max_concurrent_runs: 2"}) == [
        "conflicting-fields: `control_run_state` needs `max_concurrent_runs: 1`, but orgs/acme/defaults.yml:1 "
        "sets 2 (set it to 1)"
    ]


def test_a_secret_in_a_job_is_a_finding(findings: Findings) -> None:
    """A reference to a secret is not."""
    cluster = "{node_type_id: n, spark_version: v, docker_image: {url: u, basic_auth: {username: a, password: hunter2}}}"
    [wrong] = findings({FILE: f"tasks: [{{task_key: a, new_cluster: {cluster}}}]"})
    assert wrong.startswith("secret-in-yaml: ")


def test_a_file_of_comments_has_nothing_to_deploy(deployed: Deployed) -> None:
    assert deployed({FILE: "# later\n"}).flow("prep/revenue").job is None
