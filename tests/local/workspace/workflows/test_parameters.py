"""Job parameters and references in task settings."""

import json

import pytest

from local.workspace.workflows.parameters import UnknownReferenceError, job_parameters, resolve


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


def test_references_are_replaced_at_any_depth():
    references = {"job.name": "j", "task.name": "t"}
    value = {"a": ["{{job.name}}/{{ task.name }}", 1], "b": "{{no.such}}"}

    assert resolve(value, references) == {"a": ["j/t", 1], "b": "{{no.such}}"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{job.parameters.x}}", "the job has no parameter x"),
        ("{{tasks.a.values.x}}", "task a did not set the value x"),
    ],
)
def test_an_unknown_parameter_or_task_value_is_an_error(text, message):
    with pytest.raises(UnknownReferenceError, match=message):
        resolve(text, {})


def test_a_default_can_contain_references():
    defaults = [{"name": "path", "default": "/runs/{{job.run_id}}"}]

    assert job_parameters(defaults, {}, {"job.run_id": "7"})[0]["value"] == "/runs/7"
