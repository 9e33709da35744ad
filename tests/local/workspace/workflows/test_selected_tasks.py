"""Runs of some tasks of a job."""

CHAIN = {"b": {"depends_on": [{"task_key": "a"}]}}


def results(run) -> dict:
    return {task["task_key"]: task["state"].get("result_state") for task in run["tasks"]}


def test_only_the_given_tasks_run(workspace):
    job = workspace.create_job({"a": "raise ValueError('never')", "b": ""}, tasks=CHAIN)

    assert results(workspace.run(job, only=["b"])) == {"a": "DISABLED", "b": "SUCCESS"}


def test_the_settings_of_the_job_stay(workspace):
    job = workspace.create_job({"a": "", "b": ""}, tasks=CHAIN)
    workspace.run(job, only=["b"])

    assert results(workspace.run(job)) == {"a": "SUCCESS", "b": "SUCCESS"}


def test_task_values_of_other_tasks_are_those_of_the_last_run_in_which_they_succeeded(workspace):
    job = workspace.create_job(
        {"a": "result['task_values'] = {'x': 42}", "b": "result['result'] = parameters['got']"}, tasks=CHAIN
    )
    settings = workspace.get("/api/2.2/jobs/get", job_id=job)["settings"]
    settings["tasks"][1]["notebook_task"]["base_parameters"] = {"got": "{{tasks.a.values.x}}"}
    workspace.post("/api/2.2/jobs/reset", {"job_id": job, "new_settings": settings})
    assert results(workspace.run(job, only=["b"])) == {"a": "DISABLED", "b": "FAILED"}

    workspace.run(job)
    workspace.import_notebook("/nb/a", "raise ValueError('no')")
    workspace.run(job)
    again = workspace.run(job, only=["b"])
    assert workspace.output(again, "b")["notebook_output"]["result"] == "42"


def test_an_unknown_task_is_refused(workspace):
    job = workspace.create_job({"a": ""})
    refused = workspace.post("/api/2.2/jobs/run-now", {"job_id": job, "only": ["z"]}, status=400)

    assert refused["message"] == "the job has no task z (its tasks: a)"
