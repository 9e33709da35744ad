"""Execution of runs: conditions, loops, runs of other jobs, order, retries, time limits, queueing."""

import json
import time
from typing import Any

import psutil
import pytest

from tests.local.workspace.conftest import PAUSE_SECONDS
from tests.local.workspace.workflows.pipeline_helpers import (
    DEADLINE_SECONDS,
    PIPELINES,
    ROWS,
    create_pipeline,
)
from tests.local.workspace.workflows.task_settings import (
    JOBS,
    after,
    condition_task,
    create_job,
    iteration_outputs,
    loop_task,
    notebook_task,
    results,
)


def settings_after(*keys: str, **more: Any) -> dict[str, Any]:
    """The settings of a task that depends on tasks."""
    return {"depends_on": [{"task_key": key} for key in keys], **more}


def ends_in_time(pid: int) -> bool:
    """True if a process ends within the deadline."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(PAUSE_SECONDS)
    return False


def test_a_task_starts_after_the_tasks_it_depends_on(workspace):
    tasks = {"join": settings_after("left", "right")}
    run = workspace.run(workspace.create_job({"left": "", "right": "", "join": ""}, tasks=tasks))

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
    run = workspace.run(workspace.create_job(dict.fromkeys("abcd", source)))

    counts = {int(workspace.output(run, key)["notebook_output"]["result"]) for key in "abcd"}
    assert counts <= {1, 2}


def test_a_task_after_a_failed_task_does_not_run(workspace):
    tasks = {
        "b": settings_after("a"),
        "c": settings_after("b"),
        "always": settings_after("a", run_if="ALL_DONE"),
    }
    sources = {"a": "raise ValueError('no such trip')", "b": "", "c": "", "always": ""}
    run = workspace.run(workspace.create_job(sources, tasks=tasks))

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


def test_a_failed_task_is_retried_up_to_max_retries(workspace):
    source = (
        "import pathlib\n"
        "tries = pathlib.Path(spec['result']).parent / 'tries'\n"
        "tries.open('a').write('x')\n"
        "assert len(tries.read_text()) == 3\n"
    )
    run = workspace.run(workspace.create_job({"a": source}, tasks={"a": {"max_retries": 2}}))

    assert results(run) == {"a": "SUCCESS"}
    assert run["tasks"][0]["attempt_number"] == 2


def test_a_task_that_exceeds_its_time_limit_is_stopped(workspace):
    job = workspace.create_job({"a": "import time; time.sleep(60)"}, tasks={"a": {"timeout_seconds": 1}})
    run = workspace.run(job)

    assert results(run) == {"a": "TIMEDOUT"}
    assert run["state"]["result_state"] == "FAILED"


def test_a_run_that_exceeds_its_time_limit_is_stopped(workspace):
    run = workspace.run(workspace.create_job({"a": "import time; time.sleep(60)"}, timeout_seconds=1))

    assert run["state"]["result_state"] == "TIMEDOUT"


def test_cancelling_a_run_stops_its_process_and_the_child_processes(workspace, tmp_path):
    source = (
        "import subprocess, time, pathlib\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    job = workspace.create_job({"a": source, "b": ""}, tasks={"b": settings_after("a")})
    run_id = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    pid = tmp_path / "pid"
    workspace.wait_until(run_id, lambda run: pid.exists() and pid.read_text() != "")
    workspace.post("/api/2.1/jobs/runs/cancel", {"run_id": run_id})
    run = workspace.wait_for_end(run_id)

    assert results(run) == {"a": "CANCELED", "b": "CANCELED"}
    assert run["state"]["result_state"] == "CANCELED"
    assert ends_in_time(int(pid.read_text()))


def test_a_run_above_max_concurrent_runs_is_skipped(workspace):
    job = workspace.create_job({"a": "import time; time.sleep(60)"})
    first = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    second = workspace.run(job)
    workspace.post("/api/2.1/jobs/runs/cancel-all", {"job_id": job})

    assert second["state"]["life_cycle_state"] == "SKIPPED"
    assert second["state"]["result_state"] == "MAXIMUM_CONCURRENT_RUNS_REACHED"
    assert workspace.wait_for_end(first)["state"]["result_state"] == "CANCELED"


def test_the_runs_of_a_job_with_a_queue_wait_for_each_other(workspace):
    job = workspace.create_job({"a": "import time; time.sleep(0.3)"}, queue={"enabled": True})
    first = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    second = workspace.run(job)

    assert second["state"]["result_state"] == "SUCCESS"
    assert second["tasks"][0]["start_time"] >= workspace.wait_for_end(first)["end_time"]


def test_the_tasks_of_the_branch_that_a_condition_does_not_take_are_excluded(workspace):
    job = create_job(
        workspace,
        condition_task("big", "GREATER_THAN", "{{job.parameters.n}}", "10"),
        condition_task("yes", "EQUAL_TO", "a", "a") | after("big", outcome="true"),
        condition_task("after_yes", "EQUAL_TO", "a", "a") | after("yes"),
        condition_task("no", "EQUAL_TO", "a", "a") | after("big", outcome="false"),
        parameters=[{"name": "n", "default": "1"}],
    )
    small, large = workspace.run(job), workspace.run(job, job_parameters={"n": 11})

    ran, out = "SUCCESS", "EXCLUDED"
    assert results(small) == {"big": ran, "yes": out, "after_yes": out, "no": ran}
    assert results(large) == {"big": ran, "yes": ran, "after_yes": ran, "no": out}
    assert small["tasks"][0]["condition_task"]["outcome"] == "false"
    assert small["state"]["result_state"] == large["state"]["result_state"] == "SUCCESS"


def test_a_disabled_task_does_not_run_and_blocks_no_task(workspace):
    run = workspace.run(
        create_job(
            workspace,
            notebook_task(workspace, "off", "raise ValueError()", disabled=True),
            condition_task("on", "EQUAL_TO", "{{tasks.off.result_state}}", "disabled") | after("off"),
        )
    )

    assert results(run) == {"off": "DISABLED", "on": "SUCCESS"}
    assert run["tasks"][1]["condition_task"]["outcome"] == "true"


def test_task_values_reach_notebooks_and_references(workspace):
    run = workspace.run(
        create_job(
            workspace,
            notebook_task(workspace, "set", "result['task_values'] = {'rows': 5, 'name': 'taxi'}"),
            notebook_task(workspace, "get", "result['result'] = str(spec['task_values']['set'])")
            | after("set"),
            condition_task("if", "EQUAL_TO", "{{tasks.set.values.name}}{{tasks.set.values.rows}}", "taxi5")
            | after("set"),
            condition_task("lost", "EQUAL_TO", "{{tasks.set.values.x}}", "") | after("set"),
        )
    )

    result = workspace.output(run, "get")["notebook_output"]["result"]
    assert result == "{'rows': 5, 'name': 'taxi'}"
    assert run["tasks"][2]["condition_task"]["outcome"] == "true"
    assert workspace.output(run, "lost")["error"] == "task set did not set the value x"


def test_a_loop_runs_its_task_for_each_input(workspace):
    source = "import json; result['result'] = json.dumps(parameters)"
    workspace.import_notebook("/nb/one", source)
    parameters = {"whole": "{{input}}", "key": "{{input.key}}"}
    settings = {"notebook_path": "/nb/one", "base_parameters": parameters}
    run = workspace.run(
        create_job(
            workspace,
            loop_task(
                "{{job.parameters.list}}", {"task_key": "one", "notebook_task": settings}, concurrency=2
            ),
            parameters=[{"name": "list", "default": json.dumps([{"key": "a"}, {"key": 2}])}],
        )
    )

    ended = iteration_outputs(workspace, run)
    received = [json.loads(each["notebook_output"]["result"]) for each in ended]
    assert [(each["key"], each["whole"]) for each in received] == [("a", '{"key": "a"}'), ("2", '{"key": 2}')]
    assert [each["metadata"]["input"] for each in ended] == [{"key": "a"}, {"key": 2}]
    stats = run["tasks"][0]["for_each_task"]["stats"]["task_run_stats"]
    assert (stats["total_iterations"], stats["succeeded_iterations"]) == (2, 2)


def test_a_loop_over_a_task_value_fails_if_an_iteration_fails(workspace):
    run = workspace.run(
        create_job(
            workspace,
            notebook_task(workspace, "list", "result['task_values'] = {'n': [1, 20, 'x']}"),
            loop_task("{{tasks.list.values.n}}", condition_task("is", "LESS_THAN", "{{input}}", "10"))
            | after("list"),
        )
    )

    ended = iteration_outputs(workspace, run)
    outcomes = [each["metadata"]["condition_task"].get("outcome") for each in ended]
    assert outcomes == ["true", "false", None]
    assert ended[2]["error"] == "LESS_THAN compares numbers, but 'x' is not a number"
    assert workspace.output(run, "each")["error"] == "1 of 3 iterations failed."


@pytest.mark.parametrize("inputs", ["", "{}", "[1", "{{tasks.each.result_state}}"])
def test_a_loop_whose_inputs_are_no_list_fails(workspace, inputs):
    run = workspace.run(create_job(workspace, loop_task(inputs, condition_task("is", "EQUAL_TO", "a", "a"))))

    assert (
        "the inputs of a for_each_task must be a JSON array, not `" in workspace.output(run, "each")["error"]
    )


def test_a_loop_has_a_time_limit_and_is_retried(workspace):
    slow = loop_task("[1]", notebook_task(workspace, "slow", "import time; time.sleep(60)"))
    more = {"timeout_seconds": 1, "retry_on_timeout": True, "max_retries": 1}
    run = workspace.run(create_job(workspace, {**slow, **more, "min_retry_interval_millis": 10}))

    assert results(run) == {"each": "TIMEDOUT"}
    assert run["tasks"][0]["attempt_number"] == 1
    states = [each["metadata"]["state"]["result_state"] for each in iteration_outputs(workspace, run)]
    assert states == ["CANCELED"]


def test_cancelling_a_run_cancels_its_iterations(workspace, tmp_path):
    begun = tmp_path / "begun"
    source = f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)"
    run_id = workspace.post(
        f"{JOBS}/run-now",
        {"job_id": create_job(workspace, loop_task("[1, 2]", notebook_task(workspace, "one", source)))},
    )["run_id"]
    workspace.wait_until(run_id, lambda run: begun.exists())
    workspace.post(f"{JOBS}/runs/cancel", {"run_id": run_id})
    run = workspace.wait_for_end(run_id)

    states = [each["metadata"]["state"]["result_state"] for each in iteration_outputs(workspace, run)]
    assert (results(run), states) == ({"each": "CANCELED"}, ["CANCELED", "CANCELED"])


def test_a_job_runs_another_job_with_parameters(workspace):
    compare = condition_task("is", "EQUAL_TO", "{{job.parameters.x}}", "7")
    inner = create_job(workspace, compare, parameters=[{"name": "x", "default": "1"}])
    task = {"job_id": inner, "job_parameters": {"x": "{{job.parameters.y}}"}}
    outer = create_job(
        workspace,
        {"task_key": "other", "run_job_task": task},
        parameters=[{"name": "y", "default": "7"}],
    )
    run = workspace.run(outer)

    sub_run = workspace.output(run, "other")["run_job_output"]["run_id"]
    started = workspace.get(f"{JOBS}/runs/get", run_id=sub_run)
    assert (started["job_id"], started["trigger"], started["state"]["result_state"]) == (
        inner,
        "RUN_JOB_TASK",
        "SUCCESS",
    )
    assert started["tasks"][0]["condition_task"]["outcome"] == "true"
    assert run["state"]["result_state"] == "SUCCESS"


def test_a_task_fails_if_the_job_that_it_runs_fails(workspace):
    inner = create_job(workspace, condition_task("is", "LIKE", "", ""))
    run = workspace.run(create_job(workspace, {"task_key": "other", "run_job_task": {"job_id": inner}}))

    assert "of job `j` ended as FAILED: Task is failed." in workspace.output(run, "other")["error"]


def test_jobs_that_run_each_other_in_a_cycle_fail(workspace):
    first = create_job(workspace, condition_task("x", "EQUAL_TO", "", ""))
    second = create_job(workspace, {"task_key": "back", "run_job_task": {"job_id": first}})
    tasks = [{"task_key": "there", "run_job_task": {"job_id": second}}]
    workspace.post(f"{JOBS}/reset", {"job_id": first, "new_settings": {"name": "first", "tasks": tasks}})
    run = workspace.run(first)

    assert run["state"]["result_state"] == "FAILED"
    sub_run = workspace.output(run, "there")["run_job_output"]["run_id"]
    error = workspace.output(workspace.get(f"{JOBS}/runs/get", run_id=sub_run), "back")["error"]
    assert error == f"jobs run each other in a cycle: {first} -> {second} -> {first}"


def test_cancelling_a_run_cancels_the_run_that_it_started(workspace):
    inner = create_job(workspace, notebook_task(workspace, "long", "import time; time.sleep(60)"))
    outer = create_job(workspace, {"task_key": "other", "run_job_task": {"job_id": inner}})
    run_id = workspace.post(f"{JOBS}/run-now", {"job_id": outer})["run_id"]
    workspace.wait_until(run_id, lambda run: "run_job_output" in workspace.output(run, "other"))
    sub_run = workspace.output(workspace.get(f"{JOBS}/runs/get", run_id=run_id), "other")["run_job_output"]
    workspace.post(f"{JOBS}/runs/cancel", {"run_id": run_id})

    assert workspace.wait_for_end(run_id)["state"]["result_state"] == "CANCELED"
    assert workspace.wait_for_end(sub_run["run_id"])["state"]["result_state"] == "CANCELED"


def test_a_job_runs_a_pipeline_and_returns_its_datasets(workspace):
    pipeline = create_pipeline(workspace, f"assert spec['full_refresh'] is True\nprint('seen')\n{ROWS}")
    task = {"task_key": "p", "pipeline_task": {"pipeline_id": pipeline, "full_refresh": True}}
    run = workspace.run(workspace.post(f"{JOBS}/create", {"name": "j", "tasks": [task]})["job_id"])

    assert run["state"]["result_state"] == "SUCCESS"
    output = workspace.output(run, "p")
    assert (output["tables"], output["logs"]) == ([{"name": "acme.revenue.t", "rows": 5}], "seen\n")
    assert workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]["cause"] == "JOB_TASK"


def test_a_job_fails_if_its_pipeline_fails(workspace):
    pipeline = create_pipeline(workspace, "raise ValueError('no such trip')")
    tasks = [
        {"task_key": "p", "pipeline_task": {"pipeline_id": pipeline}},
        {"task_key": "no", "pipeline_task": {"pipeline_id": "none"}},
    ]
    run = workspace.run(workspace.post(f"{JOBS}/create", {"name": "j", "tasks": tasks})["job_id"])

    errors = [workspace.output(run, key)["error"] for key in ("p", "no")]
    assert errors == ["ValueError: no such trip", "Pipeline 'none' does not exist."]


def test_cancelling_a_job_stops_the_update_of_its_pipeline(workspace, tmp_path):
    begun = tmp_path / "begun"
    source = f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)"
    task = {"task_key": "p", "pipeline_task": {"pipeline_id": create_pipeline(workspace, source)}}
    job = workspace.post(f"{JOBS}/create", {"name": "j", "tasks": [task]})["job_id"]
    run_id = workspace.post(f"{JOBS}/run-now", {"job_id": job})["run_id"]
    workspace.wait_until(run_id, lambda run: begun.exists())
    workspace.post(f"{JOBS}/runs/cancel", {"run_id": run_id})

    assert workspace.wait_for_end(run_id)["state"]["result_state"] == "CANCELED"
    deadline = time.monotonic() + DEADLINE_SECONDS
    pipeline = task["pipeline_task"]["pipeline_id"]
    while workspace.get(f"{PIPELINES}/{pipeline}/updates")["updates"][0]["state"] != "CANCELED":
        assert time.monotonic() < deadline
