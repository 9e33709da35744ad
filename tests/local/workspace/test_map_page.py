"""`/map`: the mesh of the workspace's folder, with what ran here."""

import re
from collections.abc import Mapping
from pathlib import Path

from mesh.load import load

FLOW = "orgs/acme/domains/sales/projects/shop/flows/prep/orders"
FILES = {
    "orgs/acme/org.yml": "owner: shop-team\n",
    f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n",
    f"{FLOW}/a.py": "# Databricks notebook source\n",
}


def write(root: Path, files: Mapping[str, str]) -> None:
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)


def deployed_job(root: Path) -> str:
    """The name that the mesh gives to the flow's job."""
    deployed = load(root).in_environment("local", looking=True)
    return str(deployed.flow("prep/orders").jobs[0].name)


def test_a_job_has_its_last_run_and_a_link_to_it(workspace):
    write(workspace.home.root, FILES)
    name = deployed_job(workspace.home.root)
    job = workspace.create_job({"a": "", "verify_orders": ""}, name=name)
    assert "<dd>never ran</dd>" in workspace.http.get("/map").text
    run = workspace.run(job)["run_id"]

    response = workspace.http.get("/map")

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'href="/runs/{run}">success, 20' in response.text
    assert "<dt>data of</dt>" in response.text
    assert "<dt>reported</dt><dd>verify_orders: success</dd>" in response.text
    assert "It has no billing: costs are not known." in response.text
    assert '<nav><a href="/jobs">Jobs</a>' in response.text


def test_two_jobs_of_one_name_each_have_their_own_run(workspace):
    """Parts of a flow have the name of the flow."""
    write(workspace.home.root, FILES)
    name = deployed_job(workspace.home.root)
    workspace.import_notebook(f"/home/{FLOW}/a", "")
    tasks = {"a": {"notebook_task": {"notebook_path": f"/home/{FLOW}/a"}}}
    own = workspace.run(workspace.create_job({"a": ""}, name=name, tasks=tasks))["run_id"]
    workspace.run(workspace.create_job({"a": ""}, name=name))

    assert re.findall('href="/runs/(\\d+)"', workspace.http.get("/map").text) == [str(own)]


def test_a_mesh_with_errors_is_told(workspace):
    write(workspace.home.root, {**FILES, "orgs/acme/org.yml": "owner: <b>\nx: 1\n"})

    response = workspace.http.get("/map")

    assert response.status_code == 409
    assert "org.yml:2:1: unknown field `x`" in response.text
    assert "<b>" not in response.text
