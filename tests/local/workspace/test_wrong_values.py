"""Values of the wrong type or form: an answer of 400 that says so, and the state stays writable."""

from typing import Any

import pytest

TASK = {"task_key": "a", "notebook_task": {"notebook_path": "/nb/a"}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/2.1/jobs/create", {"name": "j", "tasks": [{**TASK, "depends_on": [["b"]]}]}),
        ("/api/2.1/jobs/create", {"name": "j", "tasks": [TASK], "job_clusters": [7]}),
        ("/api/2.1/jobs/create", {"name": "j", "tasks": [TASK], "job_clusters": ["k"]}),
        ("/api/2.1/jobs/runs/submit", {"tasks": ["a"]}),
        ("/api/2.1/jobs/runs/cancel", {"run_id": "x"}),
        ("/api/2.1/jobs/runs/delete", {"run_id": {"a": 1}}),
        ("/api/2.1/jobs/runs/repair", {"run_id": [1]}),
        ("/api/2.1/clusters/create", {"cluster_name": "c", "policy_id": {"a": 1}}),
        ("/api/2.0/sql/statements", {"statement": "select 1", "warehouse_id": [1]}),
        ("/api/2.0/workspace/import", {"path": "/Shared/a", "content": {"a": 1}, "format": "AUTO"}),
        ("/api/2.0/preview/sql/queries", {"name": "q", "query": []}),
        ("/api/2.0/preview/scim/v2/Groups", {"displayName": "g", "entitlements": [{"value": [1]}]}),
        ("/api/2.0/repos", {"url": "https://host/a", "provider": "gitHub", "path": [1]}),
        ("/api/2.0/dbfs/mkdirs", {"path": "/" + "x" * 300}),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(workspace: Any, path: str, body: dict[str, Any]) -> None:
    answer = workspace.post(path, body, status=400)

    assert answer["error_code"] in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST")
    workspace.post("/api/2.0/preview/scim/v2/Groups", {"displayName": "after"})


def test_a_failure_without_a_body_is_an_internal_error(workspace: Any) -> None:
    """Nothing in the request has a type that could be wrong."""
    workspace.http.app.add_api_route("/fails", lambda: None.x, methods=["GET", "POST"])

    assert workspace.get("/fails", status=500)["message"].startswith("AttributeError")
