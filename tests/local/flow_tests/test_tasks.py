"""Tasks of a flow run with the parameters of their job and the schema of the test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from local.flow_tests.own_schema import OwnSchema
from local.flow_tests.specification import FlowSpecification, TaskSpecification
from local.flow_tests.tasks import TaskFailedError, TaskRunner, UnknownTaskError

FLOW = "orgs/a/flows/prep/f"
FILES = {
    "ask.py": "# Databricks notebook source\n"
    "import beside\n"
    "w = dbutils.widgets.getAll()\n"
    "dbutils.jobs.taskValues.set('n', 3)\n"
    "dbutils.notebook.exit(f\"{w['catalog']}.{w['schema']} {w['day']} {w['own']} {beside.x}\")\n",
    "beside.py": "x = 7\n",
    "words.py": "import sys\nprint('words', *sys.argv[1:])\n",
    "fail.py": "# Databricks notebook source\n\n# COMMAND ----------\n\n1 / 0\n",
    "report.sql": "create table x as select :day;\nselect 1;\n",
    "leave.py": "import sys\nsys.exit(2)\n",
}
TASKS = [
    TaskSpecification(
        "ask", "notebook_task", f"{FLOW}/ask", {"own": "from {{job.parameters.day}}", "day": "never"}
    ),
    TaskSpecification("words", "spark_python_task", f"{FLOW}/words.py", ["--n", "{{tasks.ask.values.n}}"]),
    TaskSpecification("leave", "spark_python_task", f"{FLOW}/leave.py", []),
    TaskSpecification("fail", "notebook_task", f"{FLOW}/fail", {}),
    TaskSpecification("report", "sql_task", f"{FLOW}/report.sql", {}),
    TaskSpecification("other", "run_job_task", "", {}),
]


class Session:
    """Records SQL."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []

    def sql(self, text: str, args: Any = None) -> Session:
        self.statements.append((text.strip(), args))
        return self

    columns = ()


@pytest.fixture
def session() -> Session:
    """A fake for the session of Spark."""
    return Session()


@pytest.fixture
def run_task(tmp_path: Path, session: Session) -> TaskRunner:
    """Runs the tasks above."""
    for name, text in FILES.items():
        (tmp_path / FLOW).mkdir(parents=True, exist_ok=True)
        (tmp_path / FLOW / name).write_text(text)
    flow = FlowSpecification("a/prep/f", FLOW, {"day": "monday", "catalog": "prod", "schema": "prod"}, TASKS)
    return TaskRunner(flow, tmp_path, OwnSchema("t", "s"), session)  # type: ignore[arg-type]


def test_a_notebook_gets_the_schema_of_the_test_and_the_parameters_of_the_job(run_task: TaskRunner) -> None:
    path, modules = [*sys.path], set(sys.modules)

    run = run_task("ask")

    assert run.value == "t.s monday from monday 7"
    assert run.task_values == {"n": 3}
    assert sys.path == path
    assert "beside" not in set(sys.modules) - modules


def test_a_test_gives_other_parameters(run_task: TaskRunner) -> None:
    assert run_task("ask", day="friday").value == "t.s friday from friday 7"


def test_a_python_file_gets_its_words_with_task_values(
    run_task: TaskRunner, capsys: pytest.CaptureFixture[str]
) -> None:
    run_task("ask")
    before = sys.argv

    run_task("words")

    assert capsys.readouterr().out.splitlines()[-1] == "words --n 3"
    assert sys.argv is before


def test_sql_gets_parameters_that_it_names(run_task: TaskRunner, session: Session) -> None:
    run_task("report")

    assert session.statements == [("create table x as select :day", {"day": "monday"}), ("select 1", None)]


def test_a_failure_has_the_line_of_the_flow(run_task: TaskRunner) -> None:
    with pytest.raises(TaskFailedError, match="task `fail` failed: ZeroDivisionError") as caught:
        run_task("fail")

    assert 'fail.py", line 5' in str(caught.value)
    with pytest.raises(TaskFailedError, match="SystemExit: 2"):
        run_task("leave")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("asks", "a/prep/f has no task `asks` (tasks: ask, words, leave, fail, report, other)"),
        ("other", "a test cannot run task `other`, a run_job_task (it can run notebook_task, spark_python_task, sql_task)"),
        ("words", "task `words`: "),
    ],
)  # fmt: skip
def test_what_a_test_cannot_run_is_told(run_task: TaskRunner, key: str, message: str) -> None:
    with pytest.raises(UnknownTaskError) as caught:
        run_task(key)

    assert str(caught.value).startswith(message)


def test_views_stand_in_for_tables_of_the_schema(tmp_path: Path, session: Session) -> None:
    (tmp_path / FLOW).mkdir(parents=True)
    (tmp_path / FLOW / "report.sql").write_text("select * from t.s.`x`, main.y;\n")
    views: dict[str, str] = {}
    run = TaskRunner(FlowSpecification("a", FLOW, {}, TASKS), tmp_path, OwnSchema("t", "s"), session, views)  # type: ignore[arg-type]
    views["t.s.`x`"] = "view_0"

    run("report", reading={"main.y": "view_1"})

    assert session.statements == [("select * from view_0, view_1", None)]
