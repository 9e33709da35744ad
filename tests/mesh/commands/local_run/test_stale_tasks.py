"""The tasks that a change of files makes outdated."""

from __future__ import annotations

import pytest

from mesh.commands.local_run.checkout_files import FileChanges
from mesh.commands.local_run.flow_run import RunOptions, SelectedFlow, select
from mesh.commands.local_run.stale_tasks import downstream, stale_tasks, task_files
from tests.mesh.conftest import FLOW, PROJECT, Deployed

OTHER = f"{PROJECT}/flows/prep/other"
FILES = {
    "orgs/acme/org.yml": "environments: {local: {workspace: local}}",
    f"{PROJECT}/libs/taxi/__init__.py": "",
    f"{PROJECT}/libs/taxi/fares.py": "",
    f"{FLOW}/deployment.yml": """
tasks:
- {task_key: a, serverless: true}
- {task_key: b, serverless: true, depends_on: [{task_key: a}]}
- {task_key: c, serverless: true, depends_on: [{task_key: b}]}
- {task_key: d, serverless: true}
""",
    **{f"{FLOW}/{name}.py": "# Databricks notebook source\n" for name in "abcd"},
    f"{FLOW}/helper.py": "",
    f"{OTHER}/deployment.yml": "tasks: [{task_key: z, serverless: true}]\n",
    f"{OTHER}/z.py": "# Databricks notebook source\n",
}


@pytest.fixture
def selected(deployed: Deployed) -> SelectedFlow:
    return select(deployed(FILES, "local"), "prep/revenue", RunOptions())


def stale(selected: SelectedFlow, *files: str, removed: bool = False) -> set[str]:
    """The outdated tasks of the flow's job after a change of these files."""
    assert selected.deployment.uploads
    paths = tuple(f"{selected.deployment.uploads.folder}/{file}" for file in files)
    changes = FileChanges(removed=paths) if removed else FileChanges(paths)
    return {key for keys in stale_tasks(selected, changes).values() for key in keys}


def test_a_task_is_outdated_with_all_that_depend_on_it(selected: SelectedFlow) -> None:
    assert stale(selected, f"{FLOW}/b") == {"b", "c"}
    assert stale(selected, f"{FLOW}/d") == {"d"}
    assert stale(selected) == set()


def test_a_file_that_any_task_may_use_makes_all_outdated(selected: SelectedFlow) -> None:
    everything = {"a", "b", "c", "d"}
    assert stale(selected, f"{FLOW}/helper.py") == everything
    assert stale(selected, f"{PROJECT}/libs/taxi/fares.py") == everything
    assert stale(selected, f"{FLOW}/helper.py", removed=True) == everything


def test_a_file_of_another_flow_makes_none_outdated(selected: SelectedFlow) -> None:
    assert stale(selected, f"{OTHER}/z") == set()


def test_downstream_tasks_are_found_in_any_order() -> None:
    tasks = [
        {"task_key": "c", "depends_on": [{"task_key": "b"}]},
        {"task_key": "b", "depends_on": [{"task_key": "a"}]},
        {"task_key": "a"},
    ]
    assert downstream(tasks, {"a"}) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("task", "files"),
    [
        ({"notebook_task": {"notebook_path": "/Users/o/a"}}, ["/Users/o/a"]),
        ({"notebook_task": {"notebook_path": "/Workspace/Users/o/a"}}, ["/Users/o/a"]),
        ({"spark_python_task": {"python_file": "/Users/o/a.py"}}, ["/Users/o/a.py"]),
        ({"sql_task": {"file": {"path": "/Users/o/a.sql"}}}, ["/Users/o/a.sql"]),
        ({"for_each_task": {"task": {"notebook_task": {"notebook_path": "/Users/o/a"}}}}, ["/Users/o/a"]),
        ({"condition_task": {"op": "EQUAL_TO"}}, []),
    ],
)
def test_the_files_of_a_task(task: dict, files: list[str]) -> None:
    assert list(task_files(task)) == files
