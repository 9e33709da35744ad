"""What a browser and a program are told about an error."""


def test_a_job_that_is_not_there_is_told_on_a_page_or_to_a_program(workspace):
    page = workspace.http.get("/jobs/7", headers={"Accept": "text/html,*/*"})

    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert 'href="/jobs"' in page.text
    assert workspace.http.get("/jobs/7").json()["error_code"]
