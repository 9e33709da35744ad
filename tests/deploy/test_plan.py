"""Plans are kept as files, for people who read them elsewhere."""

from __future__ import annotations

import json

from tests.deploy.conftest import OLA, PROJECT, Mesh

STACK = f"acme-transport-many-local-{OLA}"


def test_a_plan_is_a_file_and_a_failure_another_one(small_mesh: Mesh) -> None:
    """Before the foundation is deployed a project can be planned; one that looks up what is not there cannot."""
    mesh, out = small_mesh, small_mesh.root / "plans"
    other = mesh.root / PROJECT.replace("many", "looking")
    flow = other / "flows/prep/one"
    flow.mkdir(parents=True)
    (flow / "a.py").write_text("# Databricks notebook source\n")
    (flow / "deployment.yml").write_text("tasks: [{task_key: a, existing_cluster_name: nowhere}]\n")

    done = mesh.run("plan", "--out", str(out))

    looking = STACK.replace("many", "looking")
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"1 of 3 stacks could not be planned; why stands in {out}/{looking}.err" in done.stderr
    assert "nowhere" in (out / f"{looking}.err").read_text()
    planned = json.loads((out / f"{STACK}.json").read_text())
    created = [one["type"] for one in planned["resource_changes"] if one["change"]["actions"] == ["create"]]
    assert created.count("databricks_job") == 6
    assert {file.stat().st_mode & 0o777 for file in out.iterdir()} == {0o600}
    assert mesh.jobs() == []

    (flow / "deployment.yml").write_text("tasks: [{task_key: a, serverless: true}]\n")
    again = mesh.run("plan", "--out", str(out), "transport/looking")

    assert again.returncode == 0, again.stdout + again.stderr
    assert not (out / f"{looking}.err").exists()
    assert json.loads((out / f"{looking}.json").read_text())["resource_changes"]
