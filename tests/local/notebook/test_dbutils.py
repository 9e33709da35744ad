"""`dbutils` in notebooks of a job."""

import pytest

from local.notebook.dbutils import (
    MOST_BYTES,
    Context,
    DbUtils,
    Jobs,
    Notebook,
    NotebookExit,
    TaskValues,
    Widgets,
)
from local.notebook.fs import FileSystem
from local.notebook.secrets import Secrets

NO_JOBS = Jobs(TaskValues({}))
NO_FILES = (FileSystem(str), Secrets(None))


def test_a_job_parameter_wins_over_a_widgets_default() -> None:
    widgets = Widgets({"catalog": "acme"})
    widgets.text("catalog", "nobody", "Catalog")
    widgets.dropdown("mode", "full", ["full", "new"])
    assert widgets.getAll() == {"catalog": "acme", "mode": "full"}


def test_a_parameter_needs_no_widget() -> None:
    assert Widgets({"schema": "revenue"}).get("schema") == "revenue"


def test_the_error_of_a_missing_widget_lists_the_widgets() -> None:
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


def test_exit_passes_through_except_exception() -> None:
    assert not issubclass(NotebookExit, Exception)


def test_libraries_get_the_context_through_the_notebook_entry_point() -> None:
    context = Context("/Users/ola/nb", "http://127.0.0.1:1", "secret")
    dbutils = DbUtils(Widgets({}), Notebook(context, lambda path, arguments: None), NO_JOBS, *NO_FILES)
    found = dbutils.notebook.entry_point.getDbutils().notebook().getContext()
    assert (found.notebookPath().get(), found.apiUrl().get(), found.apiToken().get()) == (
        "/Users/ola/nb",
        "http://127.0.0.1:1",
        "secret",
    )


def test_the_error_of_an_unsupported_function_lists_the_supported_ones() -> None:
    dbutils = DbUtils(
        Widgets({}), Notebook(Context("", "", ""), lambda path, arguments: None), NO_JOBS, *NO_FILES
    )
    with pytest.raises(
        AttributeError, match=r"does not support dbutils\.data .* jobs, library, notebook, secrets"
    ):
        dbutils.data  # noqa: B018


def test_a_task_reads_values_of_other_tasks_and_sets_values() -> None:
    values = Jobs(TaskValues({"count": {"rows": 5}})).taskValues
    values.set("share", value=[0.5])
    assert (values.get("count", "rows"), values.get("count", "none", default=0)) == (5, 0)
    assert values.own == {"share": [0.5]}


def test_the_error_of_an_unset_task_value_lists_the_set_values() -> None:
    with pytest.raises(ValueError, match=r"task 'count' has set no value 'x' \(it has set: rows\)"):
        TaskValues({"count": {"rows": 5}}).get("count", "x", debugValue=1)


@pytest.mark.parametrize(
    ("value", "message"), [({1, 2}, "cannot be written as JSON"), ("x" * MOST_BYTES, "at most 49152")]
)
def test_a_task_value_that_databricks_refuses_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TaskValues({}).set("k", value)
