"""Changes of jobs and pipelines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import read_plans
from mesh.review.runs import RunChange, run_changes
from mesh.review.sentence import plain
from tests.mesh.conftest import FLOW, Deployed

SCHEDULE = [{"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC"}]


def changes(folder: Path, *jobs: tuple[dict[str, Any] | None, dict[str, Any] | None]) -> list[RunChange]:
    """The changes of jobs, each with its arguments before and after."""
    resources = [
        {
            "address": f"databricks_job.j{number}",
            "type": "databricks_job",
            "change": {
                "actions": ["update"] if before and after else ["create"] if after else ["delete"],
                "before": before,
                "after": after,
            },
        }
        for number, (before, after) in enumerate(jobs)
    ]
    (folder / "stack.json").write_text(json.dumps({"resource_changes": resources}))
    return run_changes(read_plans([folder]), MeshIndex(principals={"1234": "sp-acme"}))


def lines(folder: Path, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    """The sentence and details about one job."""
    named = [None if one is None else {"name": "a", **one} for one in (before, after)]
    (change,) = changes(folder, (named[0], named[1]))
    return [plain(change.sentence), *map(plain, change.details)]


def job(*tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"task": list(tasks), **more}


def task(key: str, *upstream: str, **more: Any) -> dict[str, Any]:
    return {"task_key": key, "depends_on": [{"task_key": one} for one in upstream], **more}


def test_a_new_job_is_described(tmp_path: Path) -> None:
    new = job(task("load"), task("train", job_cluster_key="big"), run_as=[{"service_principal_name": "1234"}])

    assert lines(tmp_path, None, new) == [
        "job `a` will be created",
        "has no schedule",
        "tasks: `load`, `train`",
        "task `train` runs on `job cluster big`",
        "runs as `sp-acme`",
    ]


def test_tasks_are_in_the_order_of_the_deployment_yml(tmp_path: Path, deployed: Deployed) -> None:
    """The plan has the order of the provider; tasks that the file does not have come last."""
    text = "tasks: [{task_key: load, serverless: true}, {task_key: a, serverless: true}]\n"
    [deployment] = deployed({f"{FLOW}/deployment.yml": text, f"{FLOW}/load.py": ""}).deployments
    known = MeshIndex(deployments={"stack": deployment})
    after = {"name": "n", **job(task("a"), task("load"), task("older"))}
    plan = {
        "address": "databricks_job.prep_revenue",
        "type": "databricks_job",
        "change": {"actions": ["create"], "before": None, "after": after},
    }
    (tmp_path / "stack.json").write_text(json.dumps({"resource_changes": [plan]}))
    [change] = run_changes(read_plans([tmp_path / "stack.json"]), known)

    assert plain(change.points[1]) == "tasks: `load`, `a`, `older`"


def test_a_schedule_is_added_changed_and_removed(tmp_path: Path) -> None:
    hourly = [{"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC"}]

    assert lines(tmp_path, {}, {"schedule": SCHEDULE})[1:] == [
        "runs `every day at 06:00 (UTC)`; had no schedule"
    ]
    assert lines(tmp_path, {"schedule": SCHEDULE}, {"schedule": hourly})[1:] == [
        "runs `every hour (UTC)` instead of `every day at 06:00 (UTC)`"
    ]
    assert lines(tmp_path, {"schedule": SCHEDULE}, {})[1:] == [
        "has no schedule (was `every day at 06:00 (UTC)`)"
    ]


def test_run_as_names_the_principal_or_the_deployer(tmp_path: Path) -> None:
    principal = {"run_as": [{"service_principal_name": "1234"}]}

    assert lines(tmp_path, principal, {"run_as": [{"user_name": "ada"}]})[1:] == [
        "runs as `ada` instead of `sp-acme`"
    ]
    assert lines(tmp_path, {}, principal)[1:] == ["runs as `sp-acme` instead of the deployer"]


def test_the_last_address_is_not_removed_by_the_provider(tmp_path: Path) -> None:
    """Recorded with provider 1.99.0: the list keeps its length, with empty addresses."""
    before = job(task("a", email_notifications=[{"on_start": ["ops@acme.example", "b@acme.example"]}]))
    after = job(task("a", email_notifications=[{"on_start": ["", ""]}]))
    remedy = ", because the provider cannot empty the list (remove the job's addresses on its page first)"

    assert lines(tmp_path, before, after)[1:] == [
        "task `a`, `email_notifications.on_start`: "
        f'an empty address instead of `["ops@acme.example", "b@acme.example"]`{remedy}'
    ]
    mails = {"email_notifications": [{"on_failure": ["ops@acme.example"]}]}
    assert lines(tmp_path, mails, {"email_notifications": [{"on_failure": [""]}]})[1:] == [
        f'`email_notifications.on_failure`: an empty address instead of `["ops@acme.example"]`{remedy}'
    ]
    assert lines(tmp_path, job(task("a")), after)[1:] == [
        f"task `a`, `email_notifications.on_start`: an empty address (was not set){remedy}"
    ]


def test_tasks_are_added_removed_reordered_and_moved(tmp_path: Path) -> None:
    before = job(task("a"), task("b", "a"), task("c", "a", existing_cluster_id="7"), task("d"))
    after = job(task("a", "new"), task("b"), task("c", "b", job_cluster_key="big"), task("new"))

    assert lines(tmp_path, before, after)[1:5] == [
        "task `new` is added",
        "task `d` is removed",
        "task `a` runs after `new`; had no dependencies",
        "task `b` has no dependencies (was after `a`)",
    ]
    assert lines(tmp_path, before, after)[5:7] == [
        "task `c` runs after `b` instead of `a`",
        "task `c` runs on `job cluster big` instead of `cluster 7`",
    ]


def test_parameters_and_other_attributes_show_old_and_new_values(tmp_path: Path) -> None:
    before = {
        "parameter": [{"name": "x", "default": "1"}, {"name": "y", "default": "1"}],
        "timeout_seconds": 9,
    }
    after = {
        "parameter": [{"name": "y", "default": "2"}, {"name": "z", "default": "3"}],
        "max_concurrent_runs": 2,
    }

    assert sorted(lines(tmp_path, before, after)[1:]) == [
        "`max_concurrent_runs`: `2` (was not set)",
        "`timeout_seconds`: not set (was `9`)",
        "parameter `x` is removed (was `1`)",
        "parameter `y` is `2` instead of `1`",
        "parameter `z` is added: `3`",
    ]


def test_job_clusters_are_added_and_removed(tmp_path: Path) -> None:
    before = {"job_cluster": [{"job_cluster_key": "old", "new_cluster": [{"num_workers": 1}]}]}
    after = {"job_cluster": [{"job_cluster_key": "new", "new_cluster": [{"num_workers": 1}]}]}

    assert lines(tmp_path, before, after)[1:] == [
        "job cluster `new` is added",
        "job cluster `old` is removed",
    ]


def test_jobs_with_only_a_new_commit_are_merged(tmp_path: Path) -> None:
    pairs = [
        tuple({"name": name, "git_source": [{"commit": commit * 40}]} for commit in "ab")
        for name in ("x", "y")
    ]

    (change,) = changes(tmp_path, *pairs)  # type: ignore[arg-type]

    assert plain(change.sentence) == "2 jobs only move to commit `bbbbbbbb`"
    assert [plain(line) for line in change.details] == ["`x`, `y`"]


def test_jobs_with_equal_changes_are_merged_but_removed_jobs_are_not(tmp_path: Path) -> None:
    before, after = {"timeout_seconds": 1}, {"timeout_seconds": 2}
    equal = [({"name": name, **before}, {"name": name, **after}) for name in ("x", "y")]
    removed: list[tuple[Any, Any]] = [({"name": name}, None) for name in ("v", "w")]

    assert [plain(one.sentence) for one in changes(tmp_path, *equal, *removed)] == [
        "job `v` will be removed",
        "job `w` will be removed",
        "2 jobs will be changed: `x`, `y`",
    ]


def test_the_next_runs_count_from_the_moment_of_the_plan(tmp_path: Path) -> None:
    schedule = [{"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "Europe/Oslo"}]
    paused = [{**schedule[0], "pause_status": "PAUSED"}]
    for moment in ("2027-03-26T12:00:00Z", "not a moment", None):
        changed = {
            "actions": ["update"],
            "before": {"name": "a", "schedule": paused},
            "after": {"name": "a", "schedule": schedule},
        }
        plan = {
            "timestamp": moment,
            "resource_changes": [
                {"address": "databricks_job.a", "type": "databricks_job", "change": changed}
            ],
        }
        (tmp_path / "stack.json").write_text(json.dumps(plan))
        [change] = run_changes(read_plans([tmp_path]), MeshIndex())
        runs = ", next 2027-03-27 06:00+01:00, 2027-03-28 06:00+02:00, 2027-03-29 06:00+02:00"

        assert [plain(detail) for detail in change.details] == [
            "runs `every day at 06:00 (Europe/Oslo)` instead of `every day at 06:00 (Europe/Oslo, paused)`"
            + (runs if moment == "2027-03-26T12:00:00Z" else "")
        ]
