"""Runs of jobs: order, parameters, failures, retries, time limits, cancelling."""

import json
import time
from typing import Any


def results(run: dict[str, Any]) -> dict[str, str]:
    """The result of each task of a run."""
    return {task["task_key"]: task["state"].get("result_state", "") for task in run["tasks"]}


def after(*keys: str, **more: Any) -> dict[str, Any]:
    """The settings of a task that depends on others."""
    return {"depends_on": [{"task_key": key} for key in keys], **more}


def test_a_task_begins_after_all_it_depends_on(workspace):
    tasks = {"join": after("left", "right")}
    run = workspace.run(workspace.job({"left": "", "right": "", "join": ""}, tasks=tasks))

    left, right, join = run["tasks"]
    assert results(run) == {"left": "SUCCESS", "right": "SUCCESS", "join": "SUCCESS"}
    assert run["state"]["result_state"] == "SUCCESS"
    assert join["start_time"] >= max(left["end_time"], right["end_time"])


def test_at_most_two_tasks_run_at_the_same_time(workspace):
    source = (
        "import time, pathlib\n"
        "here = pathlib.Path(spec['result']).parent\n"
        "mark = here / f'{time.monotonic_ns()}.running'\n"
        "mark.touch()\n"
        "time.sleep(0.2)\n"
        "result['result'] = str(len(list(here.glob('*.running'))))\n"
        "mark.unlink()\n"
    )
    run = workspace.run(workspace.job(dict.fromkeys("abcd", source)))

    seen = {int(workspace.output(run, key)["notebook_output"]["result"]) for key in "abcd"}
    assert seen <= {1, 2}


def test_a_notebook_gets_the_jobs_parameters_defaults_and_overrides(workspace):
    source = "import json; result['result'] = json.dumps(parameters)"
    parameters = [{"name": "catalog", "default": "c"}, {"name": "schema", "default": "s"}]
    base = {"schema": "lost", "own": "{{job.parameters.catalog}}/{{task.name}}", "kept": "{{no.such}}"}
    job = workspace.job(
        {"t": source},
        parameters=parameters,
        tasks={"t": {"notebook_task": {"notebook_path": "/nb/t", "base_parameters": base}}},
    )
    run = workspace.run(job, job_parameters={"catalog": "mine"})

    got = json.loads(workspace.output(run, "t")["notebook_output"]["result"])
    assert got == {"catalog": "mine", "schema": "s", "own": "mine/t", "kept": "{{no.such}}"}
    assert run["job_parameters"] == [
        {"name": "catalog", "default": "c", "value": "mine"},
        {"name": "schema", "default": "s", "value": "s"},
    ]


def test_a_parameter_that_the_job_does_not_have_is_refused_by_name(workspace):
    job = workspace.job({"t": ""}, parameters=[{"name": "catalog", "default": "c"}])
    body = {"job_id": job, "job_parameters": {"catalgo": "x"}}

    error = workspace.post("/api/2.1/jobs/run-now", body, status=400)
    assert error["message"] == "the job has no parameter catalgo (it has: catalog)"


def test_what_depends_on_a_failed_task_does_not_run(workspace):
    tasks = {"b": after("a"), "c": after("b"), "always": after("a", run_if="ALL_DONE")}
    sources = {"a": "raise ValueError('no such trip')", "b": "", "c": "", "always": ""}
    run = workspace.run(workspace.job(sources, tasks=tasks))

    assert results(run) == {
        "a": "FAILED",
        "b": "UPSTREAM_FAILED",
        "c": "UPSTREAM_FAILED",
        "always": "SUCCESS",
    }
    assert run["state"] == {
        "life_cycle_state": "TERMINATED",
        "result_state": "FAILED",
        "state_message": "Task a failed.",
    }


def test_the_output_of_a_failed_task_holds_error_traceback_and_log(workspace):
    run = workspace.run(workspace.job({"a": "print('so far')\nraise ValueError('no such trip')"}))

    output = workspace.output(run, "a")
    assert output["error"] == "ValueError: no such trip"
    assert output["error_trace"].startswith("Traceback")
    assert output["logs"] == "so far\n"


def test_a_process_that_dies_without_a_result_fails_its_task(workspace):
    run = workspace.run(workspace.job({"a": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"}))

    assert results(run) == {"a": "FAILED"}
    assert workspace.output(run, "a")["error"] == "the task's process was ended by SIGKILL"


def test_the_tables_a_notebook_wrote_are_told(workspace):
    run = workspace.run(workspace.job({"a": "result['tables'] = [{'name': 'c.s.t', 'rows': 5}]"}))

    assert workspace.output(run, "a")["tables"] == [{"name": "c.s.t", "rows": 5}]


def test_a_failed_task_is_tried_again_as_often_as_it_says(workspace):
    source = (
        "import pathlib\n"
        "tries = pathlib.Path(spec['result']).parent / 'tries'\n"
        "tries.open('a').write('x')\n"
        "assert len(tries.read_text()) == 3\n"
    )
    run = workspace.run(workspace.job({"a": source}, tasks={"a": {"max_retries": 2}}))

    assert results(run) == {"a": "SUCCESS"}
    assert run["tasks"][0]["attempt_number"] == 2


def test_a_task_that_takes_too_long_is_stopped(workspace):
    job = workspace.job({"a": "import time; time.sleep(60)"}, tasks={"a": {"timeout_seconds": 1}})
    run = workspace.run(job)

    assert results(run) == {"a": "TIMEDOUT"}
    assert run["state"]["result_state"] == "FAILED"


def test_a_run_that_takes_too_long_is_stopped(workspace):
    run = workspace.run(workspace.job({"a": "import time; time.sleep(60)"}, timeout_seconds=1))

    assert run["state"]["result_state"] == "TIMEDOUT"


def test_cancelling_ends_the_process_and_what_it_started(workspace, tmp_path):
    source = (
        "import subprocess, time, pathlib\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    job = workspace.job({"a": source, "b": ""}, tasks={"b": after("a")})
    run_id = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    pid = tmp_path / "pid"
    workspace.until(run_id, lambda run: pid.exists() and pid.read_text() != "")
    workspace.post("/api/2.1/jobs/runs/cancel", {"run_id": run_id})
    run = workspace.ended(run_id)

    assert results(run) == {"a": "CANCELED", "b": "CANCELED"}
    assert run["state"]["result_state"] == "CANCELED"
    assert is_gone(int(pid.read_text()))


def is_gone(pid: int) -> bool:
    """Whether a process ends within the deadline."""
    import psutil

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
    return False


def test_more_runs_than_the_job_allows_are_skipped_and_say_so(workspace):
    job = workspace.job({"a": "import time; time.sleep(60)"})
    first = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    second = workspace.run(job)
    workspace.post("/api/2.1/jobs/runs/cancel-all", {"job_id": job})

    assert second["state"]["life_cycle_state"] == "SKIPPED"
    assert second["state"]["result_state"] == "MAXIMUM_CONCURRENT_RUNS_REACHED"
    assert workspace.ended(first)["state"]["result_state"] == "CANCELED"


def test_a_job_with_a_queue_runs_one_after_the_other(workspace):
    job = workspace.job({"a": "import time; time.sleep(0.3)"}, queue={"enabled": True})
    first = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    second = workspace.run(job)

    assert second["state"]["result_state"] == "SUCCESS"
    assert second["tasks"][0]["start_time"] >= workspace.ended(first)["end_time"]


def test_a_task_of_a_kind_that_cannot_run_here_fails_and_says_so(workspace):
    job = workspace.post(
        "/api/2.1/jobs/create",
        {"tasks": [{"task_key": "p", "dbt_task": {"commands": ["dbt run"]}}, {"task_key": "none"}]},
    )["job_id"]
    run = workspace.run(job)

    assert run["state"]["result_state"] == "FAILED"
    error = workspace.output(run, "p")["error"]
    assert error == "the local workspace does not run dbt_task: it needs Databricks"
    assert workspace.output(run, "none")["error"] == "a task is of exactly one kind, not none"


def test_a_notebook_that_is_not_there_fails_its_task(workspace):
    tasks = [{"task_key": "a", "notebook_task": {"notebook_path": "/nowhere"}}]
    run = workspace.run(workspace.post("/api/2.1/jobs/create", {"tasks": tasks})["job_id"])

    assert workspace.output(run, "a")["error"] == 'Unable to access the notebook "/nowhere" in the workspace.'


def test_the_same_token_starts_a_run_once(workspace):
    job = workspace.job({"a": ""})
    body = {"job_id": job, "idempotency_token": "once"}

    first = workspace.post("/api/2.1/jobs/run-now", body)
    assert workspace.post("/api/2.1/jobs/run-now", body) == first


def test_runs_are_listed_newest_first_and_by_state(workspace):
    job = workspace.job({"a": ""})
    runs = [workspace.run(job)["run_id"] for _ in range(3)]

    listed = workspace.get("/api/2.1/jobs/runs/list", job_id=job, limit=2)
    assert [run["run_id"] for run in listed["runs"]] == [runs[2], runs[1]]
    assert listed["has_more"]
    assert workspace.get("/api/2.1/jobs/runs/list", job_id=job, active_only=True)["runs"] == []


def test_a_python_file_runs_as_a_task(workspace):
    workspace.notebook("/nb/script.py", "import sys; print(sys.argv[1:])")
    tasks = [
        {
            "task_key": "a",
            "spark_python_task": {"python_file": "/nb/script.py", "parameters": ["{{job.parameters.x}}"]},
        }
    ]
    settings = {"tasks": tasks, "parameters": [{"name": "x", "default": "1"}]}
    run = workspace.run(workspace.post("/api/2.1/jobs/create", settings)["job_id"])

    assert workspace.output(run, "a")["logs"] == "['1']\n"
