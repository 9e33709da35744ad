"""Tasks that decide about others: conditions, loops, runs of other jobs, and the values tasks hand on."""

import json
from typing import Any

import pytest

from local.workspace.workflows.conditions import WrongConditionError, outcome
from local.workspace.workflows.outcomes import why_not

JOBS = "/api/2.2/jobs"


def made(workspace: Any, *tasks: dict[str, Any], **settings: Any) -> int:
    """Make a job of tasks."""
    return int(workspace.post(f"{JOBS}/create", {"name": "j", "tasks": list(tasks), **settings})["job_id"])


def notebook(workspace: Any, key: str, source: str = "", /, **settings: Any) -> dict[str, Any]:
    """A task that runs a notebook."""
    workspace.notebook(f"/nb/{key}", source)
    return {"task_key": key, "notebook_task": {"notebook_path": f"/nb/{key}"}, **settings}


def condition(key: str, op: str, left: str, right: str) -> dict[str, Any]:
    """A task that compares."""
    return {"task_key": key, "condition_task": {"op": op, "left": left, "right": right}}


def after(key: str, **more: Any) -> dict[str, Any]:
    """What a task depends on."""
    return {"depends_on": [{"task_key": key, **more}]}


def loop(inputs: str, task: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A task that runs another one for each input."""
    return {"task_key": "each", "for_each_task": {"inputs": inputs, "task": task, **settings}}


def results(run: dict[str, Any]) -> dict[str, str]:
    """The result of each task of a run."""
    return {task["task_key"]: task["state"]["result_state"] for task in run["tasks"]}


def iterations(workspace: Any, run: dict[str, Any]) -> list[dict[str, Any]]:
    """The iterations of a run's loop."""
    task = next(task for task in run["tasks"] if "for_each_task" in task)
    told = workspace.get(f"{JOBS}/runs/get", run_id=task["run_id"])["iterations"]
    return [workspace.get(f"{JOBS}/runs/get-output", run_id=each["run_id"]) for each in told]


@pytest.mark.parametrize(
    ("op", "left", "right", "judged"),
    [
        ("EQUAL_TO", "12.0", "12", "false"),
        ("NOT_EQUAL", "a", "b", "true"),
        ("GREATER_THAN", "10", "9", "true"),
        ("GREATER_THAN_OR_EQUAL", "12.0", "12", "true"),
        ("LESS_THAN", "12", "12", "false"),
        ("LESS_THAN_OR_EQUAL", "-1", "0", "true"),
    ],
)
def test_equality_compares_text_and_order_compares_numbers(op, left, right, judged):
    assert outcome({"op": op, "left": left, "right": right}) == judged


@pytest.mark.parametrize(
    ("op", "message"), [("GREATER_THAN", "compares numbers, and 'x' is none"), ("LIKE", "'LIKE' is not one")]
)
def test_a_condition_that_cannot_be_judged_says_why(op, message):
    with pytest.raises(WrongConditionError, match=message):
        outcome({"op": op, "left": "x", "right": "1"})


@pytest.mark.parametrize(
    ("run_if", "upstream", "result"),
    [
        ("ALL_SUCCESS", ["SUCCESS", "EXCLUDED"], None),
        ("ALL_SUCCESS", ["SUCCESS", "DISABLED"], None),
        ("ALL_SUCCESS", ["EXCLUDED", "EXCLUDED"], "EXCLUDED"),
        ("ALL_SUCCESS", ["SUCCESS", "FAILED"], "UPSTREAM_FAILED"),
        ("ALL_SUCCESS", ["SUCCESS", "CANCELED"], "UPSTREAM_CANCELED"),
        ("ALL_DONE", ["FAILED", "FAILED"], None),
        ("NONE_FAILED", ["SUCCESS", "CANCELED"], None),
        ("NONE_FAILED", ["SUCCESS", "TIMEDOUT"], "UPSTREAM_FAILED"),
        ("AT_LEAST_ONE_SUCCESS", ["SUCCESS", "FAILED"], None),
        ("AT_LEAST_ONE_SUCCESS", ["FAILED", "FAILED"], "UPSTREAM_FAILED"),
        ("ALL_FAILED", ["FAILED", "UPSTREAM_FAILED"], None),
        ("ALL_FAILED", ["FAILED", "SUCCESS"], "EXCLUDED"),
        ("AT_LEAST_ONE_FAILED", ["FAILED", "SUCCESS"], None),
        ("AT_LEAST_ONE_FAILED", ["SUCCESS", "SUCCESS"], "EXCLUDED"),
    ],
)
def test_a_task_runs_if_its_rule_holds(run_if, upstream, result):
    assert why_not(run_if, upstream) == result


def test_the_branch_that_a_condition_does_not_take_is_excluded_with_all_after_it(workspace):
    job = made(
        workspace,
        condition("big", "GREATER_THAN", "{{job.parameters.n}}", "10"),
        condition("yes", "EQUAL_TO", "a", "a") | after("big", outcome="true"),
        condition("after_yes", "EQUAL_TO", "a", "a") | after("yes"),
        condition("no", "EQUAL_TO", "a", "a") | after("big", outcome="false"),
        parameters=[{"name": "n", "default": "1"}],
    )
    small, large = workspace.run(job), workspace.run(job, job_parameters={"n": 11})

    ran, out = "SUCCESS", "EXCLUDED"
    assert results(small) == {"big": ran, "yes": out, "after_yes": out, "no": ran}
    assert results(large) == {"big": ran, "yes": ran, "after_yes": ran, "no": out}
    assert small["tasks"][0]["condition_task"]["outcome"] == "false"
    assert small["state"]["result_state"] == large["state"]["result_state"] == "SUCCESS"


def test_a_disabled_task_does_not_run_and_is_in_nobodys_way(workspace):
    run = workspace.run(
        made(
            workspace,
            notebook(workspace, "off", "raise ValueError()", disabled=True),
            condition("on", "EQUAL_TO", "{{tasks.off.result_state}}", "disabled") | after("off"),
        )
    )

    assert results(run) == {"off": "DISABLED", "on": "SUCCESS"}
    assert run["tasks"][1]["condition_task"]["outcome"] == "true"


def test_tasks_hand_on_values_to_notebooks_and_to_references(workspace):
    run = workspace.run(
        made(
            workspace,
            notebook(workspace, "set", "result['task_values'] = {'rows': 5, 'name': 'taxi'}"),
            notebook(workspace, "get", "result['result'] = str(spec['task_values']['set'])") | after("set"),
            condition("if", "EQUAL_TO", "{{tasks.set.values.name}}{{tasks.set.values.rows}}", "taxi5")
            | after("set"),
            condition("lost", "EQUAL_TO", "{{tasks.set.values.x}}", "") | after("set"),
        )
    )

    result = workspace.output(run, "get")["notebook_output"]["result"]
    assert result == "{'rows': 5, 'name': 'taxi'}"
    assert run["tasks"][2]["condition_task"]["outcome"] == "true"
    assert workspace.output(run, "lost")["error"] == "task set has set no value x"


def test_a_loop_runs_its_task_for_each_input(workspace):
    source = "import json; result['result'] = json.dumps(parameters)"
    workspace.notebook("/nb/one", source)
    parameters = {"whole": "{{input}}", "key": "{{input.key}}"}
    one = {"notebook_path": "/nb/one", "base_parameters": parameters}
    run = workspace.run(
        made(
            workspace,
            loop("{{job.parameters.list}}", {"task_key": "one", "notebook_task": one}, concurrency=2),
            parameters=[{"name": "list", "default": json.dumps([{"key": "a"}, {"key": 2}])}],
        )
    )

    ended = iterations(workspace, run)
    got = [json.loads(each["notebook_output"]["result"]) for each in ended]
    assert [(each["key"], each["whole"]) for each in got] == [("a", '{"key": "a"}'), ("2", '{"key": 2}')]
    assert [each["metadata"]["input"] for each in ended] == [{"key": "a"}, {"key": 2}]
    stats = run["tasks"][0]["for_each_task"]["stats"]["task_run_stats"]
    assert (stats["total_iterations"], stats["succeeded_iterations"]) == (2, 2)


def test_a_loop_goes_over_a_task_value_and_fails_when_an_iteration_does(workspace):
    run = workspace.run(
        made(
            workspace,
            notebook(workspace, "list", "result['task_values'] = {'n': [1, 20, 'x']}"),
            loop("{{tasks.list.values.n}}", condition("is", "LESS_THAN", "{{input}}", "10")) | after("list"),
        )
    )

    ended = iterations(workspace, run)
    judged = [each["metadata"]["condition_task"].get("outcome") for each in ended]
    assert judged == ["true", "false", None]
    assert ended[2]["error"] == "LESS_THAN compares numbers, and 'x' is none"
    assert workspace.output(run, "each")["error"] == "1 of 3 iterations failed."


@pytest.mark.parametrize("inputs", ["", "{}", "[1", "{{tasks.each.result_state}}"])
def test_a_loop_over_what_is_no_list_fails_and_shows_it(workspace, inputs):
    run = workspace.run(made(workspace, loop(inputs, condition("is", "EQUAL_TO", "a", "a"))))

    assert "the inputs of a for_each_task are a JSON array, not `" in workspace.output(run, "each")["error"]


def test_cancelling_a_run_ends_its_iterations(workspace, tmp_path):
    begun = tmp_path / "begun"
    source = f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)"
    run_id = workspace.post(
        f"{JOBS}/run-now", {"job_id": made(workspace, loop("[1, 2]", notebook(workspace, "one", source)))}
    )["run_id"]
    workspace.until(run_id, lambda run: begun.exists())
    workspace.post(f"{JOBS}/runs/cancel", {"run_id": run_id})
    run = workspace.ended(run_id)

    states = [each["metadata"]["state"]["result_state"] for each in iterations(workspace, run)]
    assert (results(run), states) == ({"each": "CANCELED"}, ["CANCELED", "CANCELED"])


def test_a_job_runs_another_one_with_parameters(workspace):
    compare = condition("is", "EQUAL_TO", "{{job.parameters.x}}", "7")
    inner = made(workspace, compare, parameters=[{"name": "x", "default": "1"}])
    task = {"job_id": inner, "job_parameters": {"x": "{{job.parameters.y}}"}}
    outer = made(
        workspace,
        {"task_key": "other", "run_job_task": task},
        parameters=[{"name": "y", "default": "7"}],
    )
    run = workspace.run(outer)

    sub_run = workspace.output(run, "other")["run_job_output"]["run_id"]
    told = workspace.get(f"{JOBS}/runs/get", run_id=sub_run)
    assert (told["job_id"], told["trigger"], told["state"]["result_state"]) == (
        inner,
        "RUN_JOB_TASK",
        "SUCCESS",
    )
    assert told["tasks"][0]["condition_task"]["outcome"] == "true"
    assert run["state"]["result_state"] == "SUCCESS"


def test_a_job_that_fails_fails_the_task_that_ran_it(workspace):
    inner = made(workspace, condition("is", "LIKE", "", ""))
    run = workspace.run(made(workspace, {"task_key": "other", "run_job_task": {"job_id": inner}}))

    assert "of job `j` ended as FAILED: Task is failed." in workspace.output(run, "other")["error"]


def test_jobs_that_run_each_other_end(workspace):
    first = made(workspace, condition("x", "EQUAL_TO", "", ""))
    second = made(workspace, {"task_key": "back", "run_job_task": {"job_id": first}})
    tasks = [{"task_key": "there", "run_job_task": {"job_id": second}}]
    workspace.post(f"{JOBS}/reset", {"job_id": first, "new_settings": {"name": "first", "tasks": tasks}})
    run = workspace.run(first)

    assert run["state"]["result_state"] == "FAILED"
    sub_run = workspace.output(run, "there")["run_job_output"]["run_id"]
    error = workspace.output(workspace.get(f"{JOBS}/runs/get", run_id=sub_run), "back")["error"]
    assert error == f"jobs run each other in a circle: {first} -> {second} -> {first}"


def test_cancelling_a_run_cancels_the_run_that_it_started(workspace):
    inner = made(workspace, notebook(workspace, "long", "import time; time.sleep(60)"))
    outer = made(workspace, {"task_key": "other", "run_job_task": {"job_id": inner}})
    run_id = workspace.post(f"{JOBS}/run-now", {"job_id": outer})["run_id"]
    workspace.until(run_id, lambda run: "run_job_output" in workspace.output(run, "other"))
    sub_run = workspace.output(workspace.get(f"{JOBS}/runs/get", run_id=run_id), "other")["run_job_output"]
    workspace.post(f"{JOBS}/runs/cancel", {"run_id": run_id})

    assert workspace.ended(run_id)["state"]["result_state"] == "CANCELED"
    assert workspace.ended(sub_run["run_id"])["state"]["result_state"] == "CANCELED"


def test_a_loop_has_a_time_limit_and_an_interval_between_its_tries(workspace):
    slow = loop("[1]", notebook(workspace, "slow", "import time; time.sleep(60)"))
    more = {"timeout_seconds": 1, "retry_on_timeout": True, "max_retries": 1}
    run = workspace.run(made(workspace, {**slow, **more, "min_retry_interval_millis": 10}))

    assert results(run) == {"each": "TIMEDOUT"}
    assert run["tasks"][0]["attempt_number"] == 1
    states = [each["metadata"]["state"]["result_state"] for each in iterations(workspace, run)]
    assert states == ["CANCELED"]


def test_a_sql_file_runs_with_the_jobs_and_its_own_parameters(workspace):
    source = "result['result'] = str(parameters)"
    body = {"path": "/nb/q.sql", "content": "", "format": "RAW", "overwrite": True}
    workspace.post("/api/2.0/workspace/import", body)
    # The stand-in for the runner takes Python where the real one takes SQL.
    (workspace.home.files / "nb" / "q.sql").write_text(source)
    task = {
        "file": {"path": "/Workspace/nb/q.sql", "source": "WORKSPACE"},
        "parameters": {"b": "{{task.name}}"},
    }
    run = workspace.run(
        made(
            workspace,
            {"task_key": "q", "sql_task": {**task, "warehouse_id": "starter"}},
            {"task_key": "no", "sql_task": {"query": {"query_id": "1"}, "warehouse_id": "starter"}},
            parameters=[{"name": "a", "default": "1"}],
        )
    )

    assert results(run) == {"q": "SUCCESS", "no": "FAILED"}
    assert workspace.output(run, "no")["error"] == (
        "the local workspace runs a sql_task with a file, not with query"
    )


def test_a_wheel_of_the_workspace_runs_by_its_entry_point(workspace, tmp_path):
    import zipfile

    wheel = workspace.home.files / "libs" / "taxi-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("taxi/__init__.py", "import sys\ndef go(): print(sys.argv[1:])\n")
        archive.writestr("taxi-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: taxi\nVersion: 1.0\n")
        archive.writestr("taxi-1.0.dist-info/entry_points.txt", "[console_scripts]\nmain = taxi:go\n")
    libraries = [{"whl": "/Workspace/libs/taxi-1.0-py3-none-any.whl"}]

    def task(key: str, **settings: Any) -> dict[str, Any]:
        return {
            "task_key": key,
            "libraries": libraries,
            "python_wheel_task": {"package_name": "taxi", **settings},
        }

    run = workspace.run(
        made(
            workspace,
            task("main", entry_point="main", parameters=["a", "b"]),
            task("go", entry_point="go", named_parameters={"n": "1"}),
            task("no", entry_point="none"),
            parameters=[{"name": "p", "default": "2"}],
        )
    )

    assert workspace.output(run, "main")["logs"] == "['a', 'b']\n"
    assert workspace.output(run, "go")["logs"] == "['--n=1', '--p=2']\n"
    assert "package taxi has no entry point none" in workspace.output(run, "no")["logs"]
