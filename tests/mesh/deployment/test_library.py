"""Wheels, jars and requirements in the repository are uploaded, and installed from there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mesh.deployment.library import check_libraries_reach
from mesh.files.files import Files
from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, Deployed, Findings

FILE = f"{FLOW}/deployment.yml"
WHEEL = {f"{FLOW}/dist/taxi-1.0-py3-none-any.whl": "w", f"{FLOW}/dist/tips-1.0-py3-none-any.whl": "w"}
JOB = """
environments:
- environment_key: default
  spec:
    environment_version: "4"
    dependencies: [numpy, dist/taxi-1.0-py3-none-any.whl, -r requirements.txt, ./dist/*.whl]
tasks:
- task_key: a
  job_cluster_key: common-job-cluster
  libraries: [{pypi: {package: numpy}}, {whl: dist/*.whl}, {jar: ../../../jars/x.jar}, {whl: /Volumes/a/b/c.whl}]
- {task_key: p, environment_key: default, spark_python_task: {python_file: a.py}}
"""
FILES = {
    **PRODUCTION,
    **WHEEL,
    FILE: JOB,
    f"{FLOW}/requirements.txt": "numpy",
    f"{PROJECT}/jars/x.jar": "j",
    f"{FLOW}/a.py": "",
}
PIPELINE = """
environment: {dependencies: [--requirement=requirements.txt, simplejson]}
libraries: [{notebook: {path: a}}, {whl: dist/*.whl}]
serverless: false
"""


@pytest.mark.parametrize("env", ["prod", "local"])
def test_libraries_of_a_job_are_installed_from_where_they_are_uploaded(deployed: Deployed, env: str) -> None:
    """Also if jobs run from git: Databricks installs libraries by absolute paths only."""
    mesh = deployed(FILES, env)
    [one] = mesh.deployments
    assert one.uploads is not None
    paths = {file.path for file in one.uploads.files}
    job = one.flows[0].job
    assert job is not None
    place = f"/Workspace{one.uploads.folder}/{FLOW}"
    wheels = [f"{place}/dist/{name}-1.0-py3-none-any.whl" for name in ("taxi", "tips")]

    [environment] = job.settings["environments"]
    assert environment["spec"]["dependencies"] == [
        "numpy",
        wheels[0],
        f"-r {place}/requirements.txt",
        *wheels,
    ]
    assert job.settings["tasks"][0]["libraries"] == [
        {"pypi": {"package": "numpy"}},
        *({"whl": wheel} for wheel in wheels),
        {"jar": f"/Workspace{one.uploads.folder}/{PROJECT}/jars/x.jar"},
        {"whl": "/Volumes/a/b/c.whl"},
    ]
    assert {wheel.removeprefix("/Workspace") for wheel in wheels} <= paths


def test_libraries_of_a_pipeline_are_installed_from_where_they_are_uploaded(deployed: Deployed) -> None:
    files = {**FILES, FILE: PIPELINE, f"{FLOW}/a.py": "# Databricks notebook source\n"}
    [one] = deployed(files).deployments
    assert one.uploads is not None
    place = f"/Workspace{one.uploads.folder}/{FLOW}"
    settings: Any = one.flows[0].pipelines[0].settings

    assert settings["environment"]["dependencies"] == [
        f"--requirement={place}/requirements.txt",
        "simplejson",
    ]
    assert settings["libraries"][1:] == [
        {"whl": f"{place}/dist/{name}-1.0-py3-none-any.whl"} for name in ("taxi", "tips")
    ]


def test_a_library_that_is_not_uploaded_is_a_finding(deployed: Deployed) -> None:
    """For example a wheel that was built but not committed, while jobs run from git."""
    mesh = deployed(FILES)
    [scope], [one] = mesh.scopes, mesh.deployments
    assert one.uploads is not None
    committed = replace(one.uploads, files=(), commit="5bd01c2f" * 5)

    found = list(check_libraries_reach(scope.project, committed, Files(mesh.git.root)))

    assert {one.code for one in found} == {"not-in-workspace"}
    assert found[0].message == (
        f"wheel `{FLOW}/dist/taxi-1.0-py3-none-any.whl` is not in commit 5bd01c2f "
        "(commit it, or deploy with `code: workspace`)"
    )


def test_a_library_of_another_project_is_a_finding(findings: Findings) -> None:
    text = (
        "tasks: [{task_key: a, job_cluster_key: common-job-cluster, libraries: [{whl: ../../../../x.whl}]}]"
    )
    files = {**PRODUCTION, FILE: text, "orgs/acme/domains/transport/projects/x.whl": ""}

    assert findings(files) == [
        "notebook-outside-project: wheel `orgs/acme/domains/transport/projects/x.whl` is outside the project "
        f"(move it to {PROJECT}, or declare its folder as `code`)"
    ]
