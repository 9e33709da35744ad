"""Files that tasks of a job run: beside the deployment, in the repository, or in the workspace."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.model.code import WorkspaceCode
from tests.mesh.conftest import FLOW, Deployed, Findings
from tests.mesh.model.conftest import BESIDE, FILE

FILES_OF_TASKS = """
tasks:
- {task_key: p, serverless: true, spark_python_task: {python_file: load.py}}
- {task_key: s, sql_task: {file: {path: sql/load.sql}, warehouse_id: w}}
- {task_key: d, serverless: true, dbt_task: {project_directory: models, commands: [dbt run]}}
- task_key: e
  for_each_task:
    inputs: "[1]"
    task: {task_key: i, serverless: true, spark_python_task: {python_file: load.py}}
"""


@pytest.mark.parametrize("env", ["prod", "local"])
def test_files_of_every_kind_of_task_are_beside_the_deployment(job: Any, env: str) -> None:
    """In git or in the uploaded folder."""
    p, s, d, e = job(FILES_OF_TASKS, env, **BESIDE).settings["tasks"]
    inner = e["for_each_task"]["task"]
    source = "GIT" if env == "prod" else "WORKSPACE"
    found = (
        p["spark_python_task"]["python_file"],
        s["sql_task"]["file"]["path"],
        d["dbt_task"]["project_directory"],
    )

    assert [path.partition(FLOW)[1:] for path in found] == [
        (FLOW, "/load.py"),
        (FLOW, "/sql/load.sql"),
        (FLOW, "/models"),
    ]
    assert found[0].startswith(FLOW) == (env == "prod")
    assert inner["spark_python_task"] == p["spark_python_task"]
    assert {p["spark_python_task"]["source"], s["sql_task"]["file"]["source"], d["dbt_task"]["source"]} == {
        source
    }


def test_files_of_tasks_must_exist(findings: Findings) -> None:
    missing = findings({FILE: FILES_OF_TASKS})
    assert [one.partition(" (")[0] for one in missing] == [
        f"notebook-missing: Python file `{FLOW}/load.py` does not exist",
        f"notebook-missing: SQL file `{FLOW}/sql/load.sql` does not exist",
        f"notebook-missing: dbt project `{FLOW}/models` does not exist",
        f"notebook-missing: Python file `{FLOW}/load.py` does not exist",
    ]


def test_a_folder_in_place_of_a_file_is_a_finding(findings: Findings) -> None:
    text = FILES_OF_TASKS.replace("sql/load.sql", "models")
    [wrong] = findings({FILE: text, **BESIDE})
    assert wrong.startswith(f"notebook-missing: SQL file `{FLOW}/models` is not a file")


@pytest.mark.parametrize("path", ["s3://bucket/load.py", "dbfs:/load.py", "/Workspace/Code/load.py"])
def test_paths_of_files_outside_the_mesh_are_unchanged(job: Any, path: str) -> None:
    text = f"tasks: [{{task_key: p, serverless: true, spark_python_task: {{python_file: '{path}'}}}}]"
    [task] = job(text).settings["tasks"]
    source = {"source": "WORKSPACE"} if path.startswith("/") else {}
    assert task["spark_python_task"] == {"python_file": path, **source}


@pytest.mark.parametrize("path", ["/Workspace/Code/load", "/Users/ola@acme.example/load"])
@pytest.mark.parametrize(
    ("task", "block"),
    [
        ("serverless: true, spark_python_task: {python_file: PATH}", ("spark_python_task",)),
        ("sql_task: {file: {path: PATH}, warehouse_id: w}", ("sql_task", "file")),
        (
            "serverless: true, dbt_task: {project_directory: PATH, commands: [dbt run], warehouse_id: w}",
            ("dbt_task",),
        ),
    ],
)
def test_a_workspace_path_beside_git_code_names_its_source(
    job: Any, task: str, block: tuple[str, ...], path: str
) -> None:
    """Without it, Databricks looks for SQL files and dbt projects in the repository."""
    text = f"tasks: [{{task_key: t, {task.replace('PATH', path)}}}]"

    def source(env: str) -> Any:
        [settings] = job(text, env).settings["tasks"]
        for step in block:
            settings = settings[step]
        return settings.get("source")

    assert (source("prod"), source("local")) == ("WORKSPACE", None)


def test_files_that_tasks_run_outside_the_project_are_inputs(deployed: Deployed) -> None:
    """A change of such a file is a change of the project."""
    text = "tasks: [{task_key: p, serverless: true, spark_python_task: {python_file: tools/load.py, source: GIT}}]"
    mesh = deployed({FILE: text, "tools/load.py": ""})
    assert "tools/load.py" in mesh.deployments[0].inputs


def test_a_workspace_gets_the_files_of_tasks(deployed: Deployed) -> None:
    [one] = deployed({FILE: FILES_OF_TASKS, **BESIDE}, "local").deployments
    assert isinstance(one.code, WorkspaceCode)
    paths = {file.path for file in one.code.files}
    assert {f"{one.code.folder}/{path}" for path in BESIDE} <= paths


def test_a_git_source_of_this_repository_is_pinned_and_another_is_kept(job: Any, findings: Findings) -> None:
    """A job reads code from one repository only."""
    text = "git_source: {{git_url: '{}', git_provider: gitHub, git_branch: main}}\ntasks: [{}]"
    ours = job(text.format("https://github.com/acme/mesh.git", "{task_key: a, serverless: true}"))
    assert ours.settings["git_source"]["git_commit"] == "c" * 40
    task = "{task_key: a, serverless: true, notebook_task: {notebook_path: train, source: GIT}}"
    theirs = job(text.format("https://github.com/acme/models", task))
    assert theirs.settings["git_source"]["git_branch"] == "main"
    assert theirs.settings["tasks"][0]["notebook_task"] == {"notebook_path": "train", "source": "GIT"}
    [wrong] = findings(
        {FILE: text.format("https://github.com/acme/models", "{task_key: a, serverless: true}")}
    )
    assert wrong.startswith("not-in-git-source: ")
