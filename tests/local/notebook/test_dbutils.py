"""What notebooks see of a job through dbutils."""

import pytest

from local.notebook.dbutils import Context, DbUtils, Notebook, NotebookExit, Widgets


def test_a_job_parameter_wins_over_a_widgets_default() -> None:
    widgets = Widgets({"catalog": "acme"})
    widgets.text("catalog", "nobody", "Catalog")
    widgets.dropdown("mode", "full", ["full", "new"])
    assert widgets.getAll() == {"catalog": "acme", "mode": "full"}


def test_a_parameter_needs_no_widget() -> None:
    assert Widgets({"schema": "revenue"}).get("schema") == "revenue"


def test_a_missing_widget_is_named_with_those_that_are_there() -> None:
    with pytest.raises(ValueError, match=r"no widget or job parameter 'catalog' \(there are: schema\)"):
        Widgets({"schema": "revenue"}).get("catalog")


def test_a_dropdowns_default_must_be_a_choice() -> None:
    with pytest.raises(ValueError, match="default 'c' of widget 'mode' is not one of a, b"):
        Widgets({}).dropdown("mode", "c", ["a", "b"])


def test_removing_widgets_keeps_the_jobs_parameters() -> None:
    widgets = Widgets({"catalog": "acme"})
    widgets.text("mode", "full")
    widgets.removeAll()
    assert widgets.getAll() == {"catalog": "acme"}


def test_exit_is_not_swallowed_by_a_handler_of_exceptions() -> None:
    assert not issubclass(NotebookExit, Exception)


def test_libraries_reach_the_context_the_long_way() -> None:
    context = Context("/Users/ola/nb", "http://127.0.0.1:1", "secret")
    dbutils = DbUtils(Widgets({}), Notebook(context, lambda path, arguments: None))
    found = dbutils.notebook.entry_point.getDbutils().notebook().getContext()
    assert (found.notebookPath().get(), found.apiUrl().get(), found.apiToken().get()) == (
        "/Users/ola/nb",
        "http://127.0.0.1:1",
        "secret",
    )


def test_what_is_not_there_says_what_is() -> None:
    dbutils = DbUtils(Widgets({}), Notebook(Context("", "", ""), lambda path, arguments: None))
    with pytest.raises(AttributeError, match=r"dbutils\.fs is not there .* notebook, widgets"):
        dbutils.fs  # noqa: B018
