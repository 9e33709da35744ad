"""Repair of runs: only what is needed runs again, as part of the same run."""

import pytest

AFTER = {"depends_on": [{"task_key": "b"}]}
CHAIN = {"b": {"depends_on": [{"task_key": "a"}]}, "c": AFTER}
MARK = "from pathlib import Path; Path(spec['result']).with_name('{0}').open('a').write('x')"


@pytest.fixture
def broken(workspace):
    """A run whose second of three tasks failed, and a function that mends it."""
    sources = {key: MARK.format(key) for key in "abc"}
    job = workspace.create_job(sources | {"b": f"{sources['b']}\nraise ValueError('no')"}, tasks=CHAIN)
    run = workspace.run(job)
    return run, lambda: workspace.import_notebook("/nb/b", sources["b"])


def repair(workspace, run_id: int, **body):
    """Repair a run; return the run when it has ended again."""
    workspace.post("/api/2.2/jobs/runs/repair", {"run_id": run_id, **body})
    return workspace.wait_for_end(run_id)


def results(run) -> dict:
    return {task["task_key"]: task["state"].get("result_state") for task in run["tasks"]}


def counts(workspace, run) -> dict[str, int]:
    """How often each task ran."""
    folder = workspace.home.runs / str(run["run_id"])
    return {key: len((folder / key).read_text()) if (folder / key).exists() else 0 for key in "abc"}


def test_failed_tasks_and_those_that_they_kept_from_running_run_again(workspace, broken):
    run, mend = broken
    assert results(run) == {"a": "SUCCESS", "b": "FAILED", "c": "UPSTREAM_FAILED"}
    mend()
    repaired = repair(workspace, run["run_id"], rerun_all_failed_tasks=True)

    assert results(repaired) == {"a": "SUCCESS", "b": "SUCCESS", "c": "SUCCESS"}
    assert repaired["state"]["result_state"] == "SUCCESS"
    assert counts(workspace, run) == {"a": 1, "b": 2, "c": 1}


def test_a_repair_can_fail_again_and_be_repaired_again(workspace, broken):
    run, mend = broken
    again = repair(workspace, run["run_id"], rerun_all_failed_tasks=True)
    assert again["state"]["result_state"] == "FAILED"
    mend()
    assert repair(workspace, run["run_id"], rerun_tasks=["b"])["state"]["result_state"] == "FAILED"
    assert repair(workspace, run["run_id"], rerun_tasks=["c"])["state"]["result_state"] == "SUCCESS"

    history = workspace.get("/api/2.2/jobs/runs/get", run_id=run["run_id"], include_history="true")[
        "repair_history"
    ]
    assert [each["type"] for each in history] == ["ORIGINAL", "REPAIR", "REPAIR", "REPAIR"]
    assert "repair_history" not in workspace.get("/api/2.2/jobs/runs/get", run_id=run["run_id"])


def test_the_output_of_the_failed_attempt_stays(workspace, broken):
    run, mend = broken
    mend()
    repair(workspace, run["run_id"], rerun_all_failed_tasks=True)

    assert workspace.output(run, "b")["error"] == "ValueError: no"


def test_dependent_tasks_run_again_even_if_they_succeeded(workspace):
    job = workspace.create_job({key: MARK.format(key) for key in "abc"}, tasks=CHAIN)
    run = workspace.run(job)
    repair(workspace, run["run_id"], rerun_tasks=["b"], rerun_dependent_tasks=True)
    assert counts(workspace, run) == {"a": 1, "b": 2, "c": 2}

    repair(workspace, run["run_id"], rerun_tasks=["b"])
    assert counts(workspace, run) == {"a": 1, "b": 3, "c": 2}


def test_tasks_run_with_the_current_settings_and_the_values_of_tasks_that_are_not_repeated(workspace):
    job = workspace.create_job(
        {"a": "result['task_values'] = {'x': 42}", "b": "raise ValueError('no')"},
        tasks={"b": {"depends_on": [{"task_key": "a"}]}},
    )
    run = workspace.run(job)
    settings = workspace.get("/api/2.2/jobs/get", job_id=job)["settings"]
    workspace.import_notebook("/nb/b", "result['result'] = parameters['got'] + parameters['count']")
    parameters = {"got": "{{tasks.a.values.x}}", "count": "{{job.repair_count}}"}
    settings["tasks"][1]["notebook_task"]["base_parameters"] = parameters
    workspace.post("/api/2.2/jobs/reset", {"job_id": job, "new_settings": settings})
    repaired = repair(workspace, run["run_id"], rerun_all_failed_tasks=True)

    assert workspace.output(repaired, "b")["notebook_output"]["result"] == "421"


def test_parameters_can_be_changed(workspace):
    job = workspace.create_job(
        {"a": "result['result'] = parameters['day']; assert parameters['day'] == 'tuesday'"},
        parameters=[{"name": "day", "default": "monday"}],
    )
    run = workspace.run(job)
    assert run["state"]["result_state"] == "FAILED"
    repaired = repair(workspace, run["run_id"], rerun_tasks=["a"], job_parameters={"day": "tuesday"})

    assert workspace.output(repaired, "a")["notebook_output"]["result"] == "tuesday"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"rerun_tasks": ["z"]}, "has no task z (its tasks: a, b, c)"),
        ({}, "has no task to run again"),
        ({"rerun_tasks": ["b"], "rerun_all_failed_tasks": True}, "only one of rerun_tasks and"),
        ({"rerun_tasks": ["b"], "job_parameters": {"q": "1"}}, "the run has no parameter q"),
    ],
)
def test_what_cannot_be_repaired_is_refused_and_changes_nothing(workspace, broken, body, message):
    run, _ = broken
    refused = workspace.post("/api/2.2/jobs/runs/repair", {"run_id": run["run_id"], **body}, status=400)

    assert message in refused["message"]
    assert workspace.get("/api/2.2/jobs/runs/get", run_id=run["run_id"])["state"] == run["state"]


def test_an_active_run_and_an_outdated_repair_are_refused(workspace, broken):
    run, _ = broken
    repair(workspace, run["run_id"], rerun_tasks=["b"])
    body = {"run_id": run["run_id"], "rerun_tasks": ["b"], "latest_repair_id": 99}
    assert "is 1, not 99" in workspace.post("/api/2.2/jobs/runs/repair", body, status=400)["message"]

    job = workspace.create_job({"a": "import time; time.sleep(60)"})
    active = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    refused = workspace.post(
        "/api/2.2/jobs/runs/repair", {"run_id": active, "rerun_tasks": ["a"]}, status=400
    )
    assert refused["message"] == f"Run {active} is active: a run can be repaired when it has ended."
    workspace.post("/api/2.1/jobs/runs/cancel", {"run_id": active})
    workspace.wait_for_end(active)


def test_a_branch_is_decided_again(workspace):
    """Tasks that a condition excluded run if it now takes their branch."""
    condition = {"op": "EQUAL_TO", "left": "{{tasks.a.values.go}}", "right": "yes"}
    workspace.import_notebook("/nb/a", "result['task_values'] = {'go': 'no'}")
    workspace.import_notebook("/nb/c", "")
    tasks = [
        {"task_key": "a", "notebook_task": {"notebook_path": "/nb/a"}},
        {"task_key": "b", "condition_task": condition, "depends_on": [{"task_key": "a"}]},
        {
            "task_key": "c",
            "notebook_task": {"notebook_path": "/nb/c"},
            "depends_on": [{"task_key": "b", "outcome": "true"}],
        },
    ]
    job = workspace.post("/api/2.1/jobs/create", {"name": "j", "tasks": tasks})["job_id"]
    run = workspace.run(job)
    assert results(run)["c"] == "EXCLUDED"
    workspace.import_notebook("/nb/a", "result['task_values'] = {'go': 'yes'}")
    repaired = repair(workspace, run["run_id"], rerun_tasks=["a", "b"])

    assert results(repaired) == {"a": "SUCCESS", "b": "SUCCESS", "c": "SUCCESS"}
