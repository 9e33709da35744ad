"""The pages of tables."""

import shutil


def test_a_table_has_its_columns_and_first_rows(workspace, trips):
    every = workspace.http.get("/tables").text
    page = workspace.http.get("/tables/cat.ønske.trips").text

    assert ">cat.ønske</h2>" in every
    assert '<a href="/tables/cat.%C3%B8nske.trips">trips</a>' in every
    assert '<td class="short">borough</td><td class="short">string</td>' in page
    assert '<td class="short">Queens</td><td class="number">10.50</td>' in page


def test_a_table_that_cannot_be_read_says_why(workspace, trips):
    shutil.rmtree(trips)

    response = workspace.http.get("/tables/cat.ønske.trips")

    assert response.status_code == 200
    assert 'class="bad"' in response.text


def test_a_table_that_is_not_there_is_an_error(workspace):
    assert workspace.http.get("/tables/a.b.c").status_code == 404
    assert "mesh local data load" in workspace.http.get("/tables").text
