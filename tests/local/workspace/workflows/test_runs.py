"""The API of runs: start once per token, list."""


def test_an_idempotency_token_starts_one_run(workspace):
    job = workspace.create_job({"a": ""})
    body = {"job_id": job, "idempotency_token": "once"}

    first = workspace.post("/api/2.1/jobs/run-now", body)
    assert workspace.post("/api/2.1/jobs/run-now", body) == first


def test_runs_are_listed_newest_first_and_by_state(workspace):
    job = workspace.create_job({"a": ""})
    runs = [workspace.run(job)["run_id"] for _ in range(3)]

    listed = workspace.get("/api/2.1/jobs/runs/list", job_id=job, limit=2)
    assert [run["run_id"] for run in listed["runs"]] == [runs[2], runs[1]]
    assert listed["has_more"]
    assert workspace.get("/api/2.1/jobs/runs/list", job_id=job, active_only=True)["runs"] == []


def test_an_active_run_cannot_be_deleted(workspace):
    job = workspace.create_job({"a": "import time; time.sleep(60)"})
    run_id = workspace.post("/api/2.1/jobs/run-now", {"job_id": job})["run_id"]
    refused = workspace.post("/api/2.1/jobs/runs/delete", {"run_id": run_id}, status=400)
    assert refused["message"] == f"Run {run_id} is active: cancel the run first."

    workspace.post("/api/2.1/jobs/runs/cancel", {"run_id": run_id})
    workspace.wait_for_end(run_id)
    workspace.post("/api/2.1/jobs/runs/delete", {"run_id": run_id})
    workspace.get("/api/2.1/jobs/runs/get", run_id=run_id, status=404)


def test_a_run_without_a_job_can_be_submitted(workspace):
    workspace.import_notebook("/nb/a", "")
    tasks = [{"task_key": "a", "notebook_task": {"notebook_path": "/nb/a"}}]
    run = workspace.wait_for_end(
        workspace.post("/api/2.1/jobs/runs/submit", {"run_name": "r", "tasks": tasks})["run_id"]
    )

    assert (run["run_name"], run.get("job_id"), run["state"]["result_state"]) == ("r", None, "SUCCESS")
