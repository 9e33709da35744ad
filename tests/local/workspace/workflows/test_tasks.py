"""Attempts at tasks: notebooks, Python files, SQL files, wheels."""

import os
import zipfile
from pathlib import Path
from typing import Any

from local.workspace.workflows.tasks import process_environment
from tests.local.workspace.workflows.task_settings import create_job, results


def test_the_output_of_a_failed_task_has_error_traceback_and_log(workspace):
    run = workspace.run(workspace.create_job({"a": "print('so far')\nraise ValueError('no such trip')"}))

    output = workspace.output(run, "a")
    assert output["error"] == "ValueError: no such trip"
    assert output["error_trace"].startswith("Traceback")
    assert output["logs"] == "so far\n"


def test_a_task_fails_if_its_process_dies_without_a_result(workspace):
    run = workspace.run(
        workspace.create_job({"a": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"})
    )

    assert results(run) == {"a": "FAILED"}
    assert workspace.output(run, "a")["error"] == "the task's process was ended by SIGKILL"


def test_the_output_has_the_tables_that_a_notebook_wrote(workspace):
    run = workspace.run(workspace.create_job({"a": "result['tables'] = [{'name': 'c.s.t', 'rows': 5}]"}))

    assert workspace.output(run, "a")["tables"] == [{"name": "c.s.t", "rows": 5}]


def test_a_task_that_cannot_run_here_fails(workspace):
    tasks = [
        {"task_key": "p", "spark_jar_task": {"main_class_name": "A"}},
        {"task_key": "d", "dbt_task": {"commands": ["dbt run"], "project_directory": "/none"}},
        {"task_key": "none"},
    ]
    run = workspace.run(workspace.post("/api/2.1/jobs/create", {"tasks": tasks})["job_id"])

    assert run["state"]["result_state"] == "FAILED"
    error = workspace.output(run, "p")["error"]
    assert error == "the local workspace cannot run a spark_jar_task: it needs Databricks"
    assert workspace.output(run, "d")["error"] == "Cannot read a folder of the dbt_task: /none"
    assert workspace.output(run, "none")["error"] == "a task needs exactly one task type, not none"


def test_a_task_with_a_missing_notebook_fails(workspace):
    tasks = [{"task_key": "a", "notebook_task": {"notebook_path": "/nowhere"}}]
    run = workspace.run(workspace.post("/api/2.1/jobs/create", {"tasks": tasks})["job_id"])

    assert workspace.output(run, "a")["error"] == 'Unable to access the notebook "/nowhere" in the workspace.'


def test_a_python_file_runs_as_a_task(workspace):
    workspace.import_notebook("/nb/script.py", "import sys; print(sys.argv[1:])")
    tasks = [
        {
            "task_key": "a",
            "spark_python_task": {"python_file": "/nb/script.py", "parameters": ["{{job.parameters.x}}"]},
        }
    ]
    settings = {"tasks": tasks, "parameters": [{"name": "x", "default": "1"}]}
    run = workspace.run(workspace.post("/api/2.1/jobs/create", settings)["job_id"])

    assert workspace.output(run, "a")["logs"] == "['1']\n"


def test_a_sql_file_gets_job_and_task_parameters(workspace):
    source = "result['result'] = str(parameters)"
    body = {"path": "/nb/q.sql", "content": "", "format": "RAW", "overwrite": True}
    workspace.post("/api/2.0/workspace/import", body)
    # The fake runner runs Python, the real one SQL.
    (workspace.home.files / "nb" / "q.sql").write_text(source)
    task = {
        "file": {"path": "/Workspace/nb/q.sql", "source": "WORKSPACE"},
        "parameters": {"b": "{{task.name}}"},
    }
    run = workspace.run(
        create_job(
            workspace,
            {"task_key": "q", "sql_task": {**task, "warehouse_id": "starter"}},
            {"task_key": "no", "sql_task": {"query": {"query_id": "1"}, "warehouse_id": "starter"}},
            parameters=[{"name": "a", "default": "1"}],
        )
    )

    assert results(run) == {"q": "SUCCESS", "no": "FAILED"}
    assert workspace.output(run, "no")["error"] == (
        "the local workspace runs a sql_task with `file`, not with query"
    )


def test_a_wheel_runs_by_its_entry_point(workspace, tmp_path):
    wheel = workspace.home.files / "libs" / "taxi-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("taxi/__init__.py", "import sys\ndef go(): print(sys.argv[1:])\n")
        archive.writestr("taxi-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: taxi\nVersion: 1.0\n")
        archive.writestr("taxi-1.0.dist-info/entry_points.txt", "[console_scripts]\nmain = taxi:go\n")
    libraries = [{"whl": "/Workspace/libs/taxi-1.0-py3-none-any.whl"}]

    def wheel_task(key: str, **settings: Any) -> dict[str, Any]:
        return {
            "task_key": key,
            "libraries": libraries,
            "python_wheel_task": {"package_name": "taxi", **settings},
        }

    run = workspace.run(
        create_job(
            workspace,
            wheel_task("main", entry_point="main", parameters=["a", "b"]),
            wheel_task("go", entry_point="go", named_parameters={"n": "1"}),
            wheel_task("no", entry_point="none"),
            parameters=[{"name": "p", "default": "2"}],
        )
    )

    assert workspace.output(run, "main")["logs"] == "['a', 'b']\n"
    assert workspace.output(run, "go")["logs"] == "['--n=1', '--p=2']\n"
    assert "package taxi has no entry point none" in workspace.output(run, "no")["logs"]


def test_wheels_of_a_task_and_the_client_of_mlflow_are_both_imported(monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)

    alone = process_environment([Path("/a.whl")], {})
    beside = process_environment([Path("/a.whl")], {"PYTHONPATH": "/mlflow/client", "SPARK_REMOTE": "sc://x"})

    assert alone["PYTHONPATH"] == "/a.whl"
    assert beside["PYTHONPATH"] == os.pathsep.join(["/a.whl", "/mlflow/client"])
    assert beside["SPARK_REMOTE"] == "sc://x"
    assert "PYTHONPATH" not in process_environment([], {})
