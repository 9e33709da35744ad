"""The pages of jobs."""


def test_a_job_has_its_tasks_and_runs(workspace):
    schedule = {"quartz_cron_expression": "0 0 6 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"}
    tasks = {"b": {"depends_on": [{"task_key": "a"}]}}
    job = workspace.create_job({"a": "", "b": ""}, name="daily", tasks=tasks, schedule=schedule)
    run = workspace.run(job)["run_id"]

    every = workspace.http.get("/jobs").text
    one = workspace.http.get(f"/jobs/{job}").text

    assert f'<a href="/jobs/{job}">daily</a></td><td class="good short">success</td>' in every
    assert '<td class="number">2</td><td class="number">1</td>' in every
    assert "schedule: every day at 06:00 (UTC, paused)" in one
    assert f'<a href="/runs/{run}">run {run}</a></td><td class="good short">success</td>' in one
    assert '<td class="short">b</td><td class="short">notebook</td><td class="short">a</td>' in one


def test_settings_that_the_workspace_does_not_refuse_are_shown(workspace):
    dbt = {"task_key": "a", "dbt_task": {"project_directory": "/Shared/orgs/acme/shop"}}
    sql = {"task_key": "b", "sql_task": {"file": None, "alert": None}}
    settings = {"name": None, "schedule": {"pause_status": "PAUSED"}, "tasks": [dbt, sql]}
    job = workspace.post("/api/2.1/jobs/create", settings)["job_id"]

    assert f'<a href="/jobs/{job}">None</a>' in workspace.http.get("/jobs").text
    one = workspace.http.get(f"/jobs/{job}").text
    assert '<td class="short">dbt</td><td class="short">orgs/acme/shop</td>' in one
    assert "schedule: no times (paused)" in one


def test_a_job_leads_to_the_files_of_its_flow_and_to_its_pipelines(workspace):
    flow = "orgs/acme/domains/sales/projects/shop/flows/prep/orders"
    notebook = {"libraries": [{"notebook": {"path": f"/home/{flow}/a"}}]}
    pipeline = workspace.post("/api/2.0/pipelines", {"name": "p", **notebook})["pipeline_id"]
    tasks = [{"task_key": "b", "pipeline_task": {"pipeline_id": pipeline}}]
    schedule = {"quartz_cron_expression": "0 0 6 * * ?"}
    job = workspace.post("/api/2.1/jobs/create", {"name": "j", "tasks": tasks, "schedule": schedule})[
        "job_id"
    ]

    one = workspace.http.get(f"/jobs/{job}").text
    assert f'<a href="/code/{flow}">acme/sales/shop/prep/orders</a>' in workspace.http.get("/jobs").text
    assert f'<a href="/code/{flow}">files of acme/sales/shop/prep/orders</a>' in one
    assert f'<a href="/pipelines/{pipeline}">p</a>' in one
    assert "schedule: every day at 06:00<" in one
    assert f'<a href="/code/{flow}">' in workspace.http.get("/pipelines").text
    assert f'<a href="/code/{flow}">' in workspace.http.get(f"/pipelines/{pipeline}").text


def test_without_jobs_the_page_says_how_to_deploy(workspace):
    assert "MESH_ENV=local mesh deploy" in workspace.http.get("/jobs").text
    assert "<table" not in workspace.http.get("/jobs").text


def test_the_page_of_jobs_of_minilake_is_ours(workspace):
    response = workspace.http.get("/ui/jobs/index.html", follow_redirects=False)

    assert (response.status_code, response.headers["location"]) == (307, "/jobs")
