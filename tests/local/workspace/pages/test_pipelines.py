"""The pages of pipelines."""

import time

from tests.local.workspace.conftest import DEADLINE_SECONDS, PAUSE_SECONDS

EXPECTATIONS = """
expected = [
    {"name": "has an amount", "dataset": "t", "action": "drop", "passed_records": 1200, "failed_records": 34},
    {"name": "is paid", "dataset": "t", "action": "allow", "passed_records": 1200, "failed_records": 0},
]
tables.append({"name": "c.s.t", "rows": 1200, "kind": "streaming table", "expectations": expected})
report("one dataset <b>")
"""


def updated(workspace, source: str) -> str:
    """The id of a pipeline after an update."""
    workspace.import_notebook("/p/a", source)
    spec = {"name": "daily", "libraries": [{"notebook": {"path": "/p/a"}}], "catalog": "c", "schema": "s"}
    pipeline = workspace.post("/api/2.0/pipelines", spec)["pipeline_id"]
    update = workspace.post(f"/api/2.0/pipelines/{pipeline}/updates")["update_id"]
    deadline = time.monotonic() + DEADLINE_SECONDS
    path = f"/api/2.0/pipelines/{pipeline}/updates/{update}"
    while workspace.get(path)["update"]["state"] not in ("COMPLETED", "FAILED"):
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)
    return str(pipeline)


def test_an_update_shows_rows_and_expectations_of_each_dataset(workspace):
    pipeline = updated(workspace, EXPECTATIONS)

    page = workspace.http.get(f"/pipelines/{pipeline}").text

    assert f'<a href="/pipelines/{pipeline}">daily</a>' in workspace.http.get("/pipelines").text
    assert '<a href="/tables/c.s.t">c.s.t</a></td><td class="short">streaming table</td>' in page
    numbers = '<td class="number">1,200</td><td class="number">34</td><td class="short">dropped</td>'
    assert f'has an amount</td><td class="short">t</td>{numbers}' in page
    assert '<td class="number">0</td><td class="short"></td>' in page
    assert "one dataset &lt;b&gt;" in page


def test_an_update_that_fails_shows_its_error(workspace):
    page = workspace.http.get(f"/pipelines/{updated(workspace, 'raise ValueError(1)')}").text

    assert '<td class="bad short">failed</td>' in page
    assert "ValueError: 1" in page
