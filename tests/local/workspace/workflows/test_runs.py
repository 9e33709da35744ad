"""The API of runs: start once per token, list; what the pages show."""

from fastapi.testclient import TestClient

from tests.local.workspace.conftest import ORIGIN


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


def test_the_pages_show_the_tasks_of_each_job_and_the_output_of_all_tasks_of_a_run(workspace):
    job = workspace.create_job({"a": "print('from a')", "b": "raise ValueError('of b')"})
    run = workspace.run(job)
    # A page sends a cookie, a client of the API the token.
    browser = TestClient(workspace.http.app, base_url=ORIGIN)
    browser.get("/", params={"token": workspace.home.token()})

    assert len(browser.get("/api/2.2/jobs/list").json()["jobs"][0]["settings"]["tasks"]) == 2
    output = browser.get("/api/2.2/jobs/runs/get-output", params={"run_id": run["run_id"]}).json()
    assert "── a ──\nfrom a\n" in output["logs"]
    assert "── b ──\n" in output["logs"]
    assert output["error"] == "b: ValueError: of b"


def test_a_page_cannot_replace_the_settings_of_a_job_that_it_does_not_show(workspace):
    job = workspace.create_job({"a": ""}, max_concurrent_runs=3)
    browser = TestClient(workspace.http.app, base_url=ORIGIN)
    browser.get("/", params={"token": workspace.home.token()})

    changed = {"job_id": job, "new_settings": {"name": "j", "tasks": []}}
    refused = browser.post("/api/2.2/jobs/reset", json=changed)
    assert refused.status_code == 400
    assert "change its deployment.yml" in refused.json()["message"]
    assert workspace.get("/api/2.2/jobs/get", job_id=job)["settings"]["max_concurrent_runs"] == 3


def test_clients_of_the_api_get_what_databricks_answers(workspace):
    job = workspace.create_job({"a": "", "b": ""})
    run = workspace.run(job)

    assert "tasks" not in workspace.get("/api/2.2/jobs/list")["jobs"][0]["settings"]
    refused = workspace.get("/api/2.2/jobs/runs/get-output", run_id=run["run_id"], status=400)
    assert refused["message"].startswith("Retrieving the output of runs with multiple tasks is not supported")
