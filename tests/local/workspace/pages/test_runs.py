"""The page of a run."""

from local.workspace.pages import runs
from tests.local.workspace.conftest import Workspace


def test_a_run_shows_what_each_task_printed_and_the_failed_one_unfolded(workspace):
    sources = {"a": "print('<b>hello</b>')", "b": "raise ValueError('no data')"}
    run = workspace.run(workspace.create_job(sources))
    page = workspace.http.get(f"/runs/{run['run_id']}").text

    assert "<summary>a: 1 line</summary><pre>&lt;b&gt;hello&lt;/b&gt;</pre>" in page
    assert '<details open=""><summary>b: 1 line</summary><pre>ValueError: no data</pre>' in page
    assert 'http-equiv="refresh"' not in page


def test_a_traceback_names_the_file_of_the_checkout(workspace):
    place = 'File "/Workspace/Users/ola/mesh/shop/orgs/acme/domains/a.py", line 1'
    run = workspace.run(workspace.create_job({"a": f"print({place!r})"}))

    assert 'File "orgs/acme/domains/a.py", line 1' in workspace.http.get(f"/runs/{run['run_id']}").text


def test_a_long_log_is_read_and_shown_from_its_end(workspace, monkeypatch):
    monkeypatch.setattr(runs, "_LOG_BYTES", len("one\ntwo\n"))
    run = workspace.run(workspace.create_job({"a": "print('first')\nprint('one')\nprint('two')"}))

    page = workspace.http.get(f"/runs/{run['run_id']}").text
    assert "<summary>a: the last 2 lines</summary><pre>…\none\ntwo</pre>" in page


def test_a_run_of_a_run_leads_to_it(workspace):
    inner = workspace.create_job({"a": ""})
    task = {"task_key": "again", "run_job_task": {"job_id": inner}}
    outer = workspace.post("/api/2.1/jobs/create", {"name": "outer", "tasks": [task]})["job_id"]
    run = workspace.run(outer)

    [other] = _inner_runs(workspace, inner)
    assert f'<a href="/runs/{other}">run {other}</a>' in workspace.http.get(f"/runs/{run['run_id']}").text


def test_each_iteration_of_a_loop_has_its_output(workspace):
    workspace.import_notebook("/nb/each", "print('one')")
    inner = {"task_key": "i", "notebook_task": {"notebook_path": "/nb/each"}}
    task = {"task_key": "loop", "for_each_task": {"inputs": "[1, 2]", "task": inner}}
    job = workspace.post("/api/2.1/jobs/create", {"name": "loops", "tasks": [task]})["job_id"]
    page = workspace.http.get(f"/runs/{workspace.run(job)['run_id']}").text

    assert "loop, iteration 1: 1 line" in page
    assert "loop, iteration 2: 1 line" in page


def test_a_run_that_is_not_there_is_an_error(workspace):
    assert workspace.http.get("/runs/99").status_code == 404


def _inner_runs(workspace: Workspace, job: int) -> list[int]:
    return [run["run_id"] for run in workspace.get("/api/2.1/jobs/runs/list", job_id=job)["runs"]]
