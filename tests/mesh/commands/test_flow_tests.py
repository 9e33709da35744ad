"""`mesh test`: flows with tests, and the tasks that these may run."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.flow_tests.specification import Specification, TaskSpecification
from mesh.commands.flow_tests import flow_tests
from mesh.errors import UsageError
from mesh.git.checkout import GitContext
from mesh.load import load

PROJECT = "orgs/acme/domains/transport/projects/taxinyc"
FLOW = f"{PROJECT}/flows/prep/revenue"
DEPLOYMENT = """\
parameters: [{name: day, default: monday}]
tasks:
- {task_key: a, serverless: true}
- {task_key: b, serverless: true, notebook_task: {notebook_path: a, base_parameters: {x: "1"}}}
- {task_key: c, serverless: true, spark_python_task: {python_file: c.py, parameters: [--x, "2"]}}
- {task_key: d, sql_task: {warehouse_id: w, parameters: {y: z}, file: {path: d.sql}}}
- {task_key: e, for_each_task: {inputs: "[1]", task: {task_key: f, serverless: true, notebook_task: {notebook_path: a}}}}
"""


def specification(root: Path, path: str | None = None, **files: str) -> Specification:
    """The tests of a mesh with two flows; the first one has tests."""
    notebook = "# Databricks notebook source\n"
    written = {
        f"{FLOW}/deployment.yml": DEPLOYMENT,
        f"{FLOW}/a.py": notebook,
        f"{FLOW}/c.py": "",
        f"{FLOW}/d.sql": "select 1;\n",
        f"{FLOW}/tests/test_a.py": "",
        f"{PROJECT}/libs/taxi.py": "",
        f"{PROJECT}/flows/prep/other/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n",
        f"{PROJECT}/flows/prep/other/a.py": notebook,
    }
    for file, text in written.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    git = GitContext(
        root, "ola@acme.example", "https://github.com/acme/mesh", "main", commit="c" * 40, lenient=True
    )
    mesh = load(root)
    return flow_tests(mesh, mesh.in_environment("local", git), path)


@pytest.mark.parametrize("path", [None, "prep/revenue"])
def test_a_flow_with_tests_has_its_tasks_and_parameters(tmp_path: Path, path: str | None) -> None:
    [flow] = specification(tmp_path, path).flows

    assert (flow.path, flow.folder) == ("acme/transport/taxinyc/prep/revenue", FLOW)
    assert flow.parameters["day"] == "monday"
    assert flow.parameters["libs"] == f"/Workspace/{PROJECT}/libs"
    assert list(flow.tasks) == [
        TaskSpecification("a", "notebook_task", f"{FLOW}/a", {}),
        TaskSpecification("b", "notebook_task", f"{FLOW}/a", {"x": "1"}),
        TaskSpecification("c", "spark_python_task", f"{FLOW}/c.py", ["--x", "2"]),
        TaskSpecification("d", "sql_task", f"{FLOW}/d.sql", {"y": "z"}),
        TaskSpecification("e", "for_each_task", "", {}),
        TaskSpecification("f", "notebook_task", f"{FLOW}/a", {}),
    ]


def test_a_flow_without_tests_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"prep/other has no tests \(write tests/test_<name>\.py"):
        specification(tmp_path, "prep/other")
