"""Generated meshes of any size."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

TASKS = 4
ORG = """\
metastores:
  main: {}
environments:
  dev: {metastore: main}
  test: {metastore: main}
  stage: {metastore: main}
groups:
  writers: {}
  readers: {}
"""
# Without environments there are those of the README, of which `local` is the workspace on this machine.
ANYWHERE = """\
groups:
  writers: {}
  readers: {}
"""
PROJECT = """\
grants:
- {principal: writers, role: writer}
- {principal: readers, role: reader}
"""
NOTEBOOK = "# Databricks notebook source\nprint(1)\n"
WRONG = """\
max_concurrent_runs: many
tasks:
- task_key: first
  serverless: true
  notebook_task: {{notebook_path: first, base_paramters: {{day: monday}}}}
- task_key: second
  depends_on: [{{task_key: frist}}]
  run_job_task: {{flow: prep/f{other}}}
- task_key: third
  condition_task: {{op: EQUAL_TO, left: a}}
"""


def generated(root: Path, flows: int, in_project: int = 10, org: str = ORG) -> Path:
    """A repository of flows: each a job of four tasks, and a schema with two grants.

    Every flow reads the data of the flow before it.

    Args:
        root: a folder that is empty or does not exist.
        flows: their number.
        in_project: the number of flows in a project; ten projects are a domain.
        org: the content of org.yml.
    """
    folder_of_org = root / "orgs/acme"
    folder_of_org.mkdir(parents=True)
    (folder_of_org / "org.yml").write_text(org)
    for number in range(flows):
        project = number // in_project
        folder = folder_of_org / f"domains/d{project // 10}/projects/p{project}/flows/prep/f{number}"
        folder.mkdir(parents=True)
        (folder.parents[2] / "project.yml").write_text(PROJECT)
        reads = f"reads: {{before: prep/f{number - 1}}}\n" if number else ""
        (folder / "deployment.yml").write_text(f"{reads}tasks:\n{''.join(map(_task, range(TASKS)))}")
        for task in range(TASKS):
            (folder / f"t{task}.py").write_text(NOTEBOOK)
    return committed(root)


def _task(number: int) -> str:
    after = f", depends_on: [{{task_key: t{number - 1}}}]" if number else ""
    return f"- {{task_key: t{number}, serverless: true{after}}}\n"


def generated_bundle(root: Path, flows: int) -> Path:
    """A bundle of Databricks with the same jobs and schemas as `generated`.

    Args:
        root: an empty folder.
        flows: their number.
    """
    jobs, schemas = {}, {}
    for number in range(flows):
        folder = root / f"f{number}"
        folder.mkdir()
        tasks = []
        for task in range(TASKS):
            (folder / f"t{task}.py").write_text(NOTEBOOK)
            after = {"depends_on": [{"task_key": f"t{task - 1}"}]} if task else {}
            notebook = {"notebook_path": f"./f{number}/t{task}.py"}
            tasks.append({"task_key": f"t{task}", "notebook_task": notebook, **after})
        jobs[f"f{number}"] = {"name": f"f{number}", "tasks": tasks}
        grants = [
            {"principal": "writers", "privileges": ["USE_SCHEMA", "SELECT", "MODIFY"]},
            {"principal": "readers", "privileges": ["USE_SCHEMA", "SELECT"]},
        ]
        schemas[f"schema_of_f{number}"] = {"name": f"f{number}", "catalog_name": "main", "grants": grants}
    content = {"bundle": {"name": "bench"}, "resources": {"jobs": jobs, "schemas": schemas}}
    (root / "databricks.yml").write_text(json.dumps(content))  # YAML, too
    return root


def generated_wrong(root: Path, flows: int) -> Path:
    """A repository of projects with ten flows each; every flow has five errors of five kinds.

    Each pair of flows runs each other's jobs.
    """
    for number in range(flows):
        folder = root / f"orgs/acme/domains/d/projects/p{number // 10}/flows/prep/f{number}"
        folder.mkdir(parents=True)
        (folder / "deployment.yml").write_text(WRONG.format(other=number ^ 1))
        (folder / "first.py").write_text("# Databricks notebook source\n")
    return committed(root)


def committed(root: Path) -> Path:
    """The folder as a git repository with all files committed."""
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=o", "-c", "user.email=o@x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    return root


def change(root: Path) -> None:
    """Adds a line to a notebook of the first flow of `generated`, and commits it."""
    with (root / "orgs/acme/domains/d0/projects/p0/flows/prep/f0/t0.py").open("a") as notebook:
        notebook.write("print(2)\n")
    committed(root)
