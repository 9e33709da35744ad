"""The application: which router answers, and errors."""


def test_an_unsupported_api_is_not_implemented(workspace):
    assert workspace.get("/api/2.0/genie/spaces", status=501)["error_code"] == "NOT_IMPLEMENTED"


def test_the_workspace_reports_that_it_is_ready(workspace):
    assert workspace.get("/ready") == {"ready": True}


def test_the_page_of_an_editor_that_does_not_run_redirects_to_the_notebooks(workspace):
    response = workspace.http.get("/ui/notebooks/", follow_redirects=False)

    assert (response.status_code, response.headers["location"]) == (307, "/ui/workspace/")


def test_the_root_redirects_to_the_pages(workspace):
    response = workspace.http.get("/", follow_redirects=False)

    assert (response.status_code, response.headers["location"]) == (307, "/jobs")


def test_the_page_of_settings_gets_what_it_asks_for_and_cannot_reset_the_workspace(workspace):
    assert workspace.get("/_minilake/health") == {"status": "ok"}
    assert "services" in workspace.get("/_minilake/services")
    assert workspace.http.post("/_minilake/reset").status_code in (404, 405)
