"""Job parameters and references in task settings."""

import json
import re

import pytest
from minilake.services.unity_catalog import WORKSPACE_ID

from local.task_references import UnknownReferenceError, resolve
from local.workspace.workflows.parameters import job_parameters, task_references


def test_a_notebook_gets_job_parameters_with_defaults_and_overrides(workspace):
    source = "import json; result['result'] = json.dumps(parameters)"
    parameters = [{"name": "catalog", "default": "c"}, {"name": "schema", "default": "s"}]
    base = {"schema": "lost", "own": "{{job.parameters.catalog}}/{{task.name}}", "kept": "{{no.such}}"}
    job = workspace.create_job(
        {"t": source},
        parameters=parameters,
        tasks={"t": {"notebook_task": {"notebook_path": "/nb/t", "base_parameters": base}}},
    )
    run = workspace.run(job, job_parameters={"catalog": "mine"})

    received = json.loads(workspace.output(run, "t")["notebook_output"]["result"])
    assert received == {"catalog": "mine", "schema": "s", "own": "mine/t", "kept": "{{no.such}}"}
    assert run["job_parameters"] == [
        {"name": "catalog", "default": "c", "value": "mine"},
        {"name": "schema", "default": "s", "value": "s"},
    ]


def test_an_unknown_job_parameter_is_refused(workspace):
    job = workspace.create_job({"t": ""}, parameters=[{"name": "catalog", "default": "c"}])
    body = {"job_id": job, "job_parameters": {"catalgo": "x"}}

    error = workspace.post("/api/2.1/jobs/run-now", body, status=400)
    assert error["message"] == "the job has no parameter catalgo (its parameters: catalog)"


# 2019-03-02 was a Saturday.
RUN = {
    "run_id": 7,
    "job_id": 3,
    "run_name": "revenue",
    "trigger": "ONE_TIME",
    "start_time": 1_551_531_909_000,
    "job_parameters": [{"name": "day", "value": "d"}, {"name": "a.b", "value": "dotted"}],
    "repair_history": [{}, {"id": 1}],
    "tasks": [
        {
            "task_key": "a",
            "run_id": 11,
            "attempt_number": 1,
            "state": {"result_state": "FAILED"},
            "task_values": {"n": 2, "text": "x"},
            "notebook_task": {"notebook_path": "/nb/a"},
        },
        {"task_key": "b", "run_id": 12, "attempt_number": 0, "state": {"result_state": "SUCCESS"}},
    ],
}
TASK = {"task_key": "c", "run_id": 13, "attempt_number": 2, "input": {"zone": "x", "n": 1}}
VALUES = {
    "job.id": "3",
    "job.name": "revenue",
    "job.run_id": "7",
    "job.repair_count": "1",
    "job.parameters.day": "d",
    "job.parameters.`a.b`": "dotted",
    "job.trigger.type": "one_time",
    "job.trigger.file_arrival.location": "",
    "job.trigger.table_update.updated_tables": "[]",
    "task.name": "c",
    "task.run_id": "13",
    "task.execution_count": "3",
    "task.notebook_path": "/nb/c",
    "tasks.a.run_id": "11",
    "tasks.a.result_state": "failed",
    "tasks.a.error_code": "RunExecutionError",
    "tasks.b.error_code": "",
    "tasks.a.execution_count": "2",
    "tasks.a.notebook_path": "/nb/a",
    "tasks.a.values.n": "2",
    "tasks.`a`.values.`text`": "x",
    "workspace.url": "http://w",
    "workspace.id": str(WORKSPACE_ID),
    "input": '{"zone": "x", "n": 1}',
    "input.zone": "x",
    "input.n": "1",
    # the older names
    "job_id": "3",
    "run_id": "7",
    "parent_run_id": "7",
    "start_date": "2019-03-02",
    "start_time": "1551531909000",
    "task_key": "c",
    "task_retry_count": "2",
}
TIME_VALUES = {
    "iso_date": "2019-03-02",
    "iso_datetime": "2019-03-02T13:05:09",
    "iso_weekday": "6",
    "is_weekday": "false",
    "timestamp_ms": "1551531909000",
    "year": "2019",
    "month": "3",
    "day": "2",
    "hour": "13",
    "minute": "5",
    "second": "9",
}
OF_TIMES = {
    f"{prefix}.{name}": value
    for prefix in ("job.start_time", "job.trigger.time")
    for name, value in TIME_VALUES.items()
}


@pytest.mark.parametrize(("name", "value"), [*VALUES.items(), *OF_TIMES.items()])
def test_every_reference_has_its_value(name, value):
    task = {**TASK, "notebook_task": {"notebook_path": "/nb/c"}}

    assert resolve(f"<{{{{ {name} }}}}>", task_references(RUN, task, "http://w")) == f"<{value}>"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("job.parameters.x", "the job has no parameter x"),
        ("tasks.a.values.x", "task a did not set the value x"),
        ("tasks.z.values.x", "the run has no task z"),
        ("tasks.a.output.first_row.n", "keeps no output of SQL tasks, such as that of task a"),
        ("input.none", "the input of this iteration has no field none"),
        ("backfill.iso_datetime", "only runs of a backfill have {{backfill.iso_datetime}}"),
        ("job.trigger.table_update.c.s.t.version", "has no value here"),
        ("job.notebook_url", "{{job.notebook_url}} is no reference of Databricks"),
        ("job.start_time.isodate", "{{job.start_time.isodate}} is no reference of Databricks"),
    ],
)
def test_a_reference_without_a_value_is_an_error_that_says_why(name, message):
    with pytest.raises(UnknownReferenceError, match=re.escape(message)):
        resolve(f"{{{{{name}}}}}", task_references(RUN, TASK, ""))


def test_a_default_can_contain_references():
    defaults = [{"name": "path", "default": "/runs/{{job.run_id}}"}]

    assert job_parameters(defaults, {}, {"job.run_id": "7"})[0]["value"] == "/runs/7"
