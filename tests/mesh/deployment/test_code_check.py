"""Jobs and pipelines may run only files that their deployment uploads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mesh.deployment.code_check import check_jobs_reach, check_pipelines_reach
from mesh.files.files import Files
from mesh.finding import Finding
from mesh.model.code import WorkspaceCode
from mesh.model.project import Project
from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, Deployed, Findings

NOTEBOOK = "# Databricks notebook source\n"
OUTSIDE = "orgs/acme/domains/transport/shared/clean"
TASK = (
    "tasks: [{{task_key: a, serverless: true, notebook_task: {{notebook_path: {path}, source: {source}}}}}]\n"
)


def uploaded(deployed: Deployed, files: dict[str, str]) -> tuple[Project, WorkspaceCode, Path]:
    """The only project, its uploaded code and the mesh's root."""
    mesh = deployed(files, "local")
    [scope], [one] = mesh.scopes, mesh.deployments
    assert one.uploads is not None
    return scope.project, one.uploads, mesh.git.root


def codes(found: list[Finding]) -> list[str]:
    """The codes of findings."""
    return [one.code for one in found]


def test_a_job_may_run_a_notebook_that_is_uploaded(deployed: Deployed) -> None:
    project, code, root = uploaded(deployed, {f"{FLOW}/a.py": NOTEBOOK})

    assert list(check_jobs_reach(project, code, root)) == []


def test_a_job_may_not_run_a_notebook_that_is_not_uploaded(deployed: Deployed) -> None:
    project, code, root = uploaded(deployed, {f"{FLOW}/a.py": NOTEBOOK})
    empty = replace(code, files=())

    [wrong] = check_jobs_reach(project, empty, root)
    assert (wrong.code, wrong.file) == ("not-in-workspace", f"{FLOW}/deployment.yml")
    assert f"`{FLOW}/a`" in wrong.message


def test_the_remedy_for_a_missing_file_depends_on_the_source_of_the_code(deployed: Deployed) -> None:
    project, code, root = uploaded(deployed, {f"{FLOW}/a.py": NOTEBOOK})

    [from_commit] = check_jobs_reach(project, replace(code, files=(), commit="5bd01c2f" * 5), root)
    [from_tree] = check_jobs_reach(project, replace(code, files=()), root)
    assert "commit 5bd01c2f" in from_commit.message
    assert "5bd01c2f" not in from_tree.message


def test_a_notebook_outside_the_project_has_to_be_declared_as_code(
    deployed: Deployed, findings: Findings
) -> None:
    files = {
        f"{FLOW}/deployment.yml": TASK.format(path=OUTSIDE, source="GIT"),
        f"{OUTSIDE}.py": NOTEBOOK,
    }
    [wrong] = findings(files, "local")
    assert wrong.startswith("notebook-outside-project: ")
    assert f"`{OUTSIDE}`" in wrong

    project, code, root = uploaded(
        deployed, {**files, "orgs/acme/domains/transport/domain.yml": "code: [shared/]\n"}
    )
    assert list(check_jobs_reach(project, code, root)) == []


@pytest.mark.parametrize(
    ("library", "source"),
    [
        ("notebook: {path: a}", NOTEBOOK),
        ("file: {path: a.py}", "x = 1\n"),
        ("glob: {include: '*.py'}", "x = 1\n"),
    ],
)
def test_a_pipeline_may_use_only_files_that_are_uploaded(
    deployed: Deployed, library: str, source: str
) -> None:
    files = {f"{FLOW}/deployment.yml": f"libraries: [{{{library}}}]\n", f"{FLOW}/a.py": source}
    project, code, root = uploaded(deployed, files)

    assert list(check_pipelines_reach(project, code, Files(root))) == []
    assert codes(list(check_pipelines_reach(project, replace(code, files=()), Files(root)))) == [
        "not-in-workspace"
    ]


def test_a_pipeline_names_a_notebook_without_its_suffix(findings: Findings) -> None:
    text = "libraries: [{file: {path: a.py}}]\n"
    files = {**PRODUCTION, f"{FLOW}/deployment.yml": text, f"{FLOW}/a.py": NOTEBOOK}
    [wrong] = findings(files)

    assert wrong.startswith("notebook-with-suffix: ")
    assert "notebook: {path: a}" in wrong


def test_files_elsewhere_do_not_count_as_uploaded(deployed: Deployed, tmp_path: Path) -> None:
    project, code, root = uploaded(deployed, {f"{FLOW}/a.py": NOTEBOOK, f"{PROJECT}/libs/a.py": "x = 1\n"})
    libs = tuple(file for file in code.files if file.source.parent.name == "libs")

    assert libs
    assert codes(list(check_jobs_reach(project, replace(code, files=libs), root))) == ["not-in-workspace"]
