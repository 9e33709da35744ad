"""What the newer bindings of cdktn know: needs them, so `make test TOOLKIT=cdktn` runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.provider.schema import read_typescript
from mesh.toolkit import CDKTN
from tests.stacks.test_synthesized import GIT, synthesize
from tests.support.git_repository import Repository

FLOW = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
ORG = """\
environments:
  dev: {}
  prod: {mode: production, run_as: {service_principal_name: 0f3e4d5c-1111-2222-3333-444455556666}}
"""
JOB = """\
tasks: [{task_key: a, job_cluster_key: big}]
job_clusters: [{job_cluster_key: big, serverless_compute_id: abc}]
triggers:
  - periodic: {interval: 2, unit: HOURS}
  - table_update: {table_names: [acme.raw.trips]}
    pause_status: UNPAUSED
"""


CONFLICTING = """\
tasks: [{task_key: a, serverless: true}]
schedule: {quartz_cron_expression: "0 0 6 * * ?", timezone_id: UTC}
triggers:
  - pause_status: PAUSED
  - periodic: {interval: 2, unit: HOURS}
    schedule: {quartz_cron_expression: "0 0 6 * * ?", timezone_id: UTC}
"""


def written(root: Path, declared: str = JOB) -> Path:
    """A mesh with one job."""
    repository = Repository.new(root / "mesh")
    folder = repository.path / FLOW
    folder.mkdir(parents=True)
    (folder / "deployment.yml").write_text(declared)
    (folder / "a.py").write_text("# Databricks notebook source\n")
    org = repository.path / "orgs" / "acme" / "org.yml"
    org.write_text(ORG)
    repository.commit()
    return repository.path


def job(root: Path, env: str) -> dict[str, Any]:
    """The Terraform of that job."""
    stacks = synthesize(written(root), env, MESH_TOOLKIT=CDKTN.name)
    [text] = [text for name, text in stacks.items() if name.startswith("acme-transport-taxinyc")]
    [made] = json.loads(text)["resource"]["databricks_job"].values()
    return dict(made)


def test_the_version_of_the_provider_is_that_of_the_bindings() -> None:
    (text,) = read_typescript({"provider"}, CDKTN).values()
    assert f"providerVersion: '{CDKTN.provider}'" in text


def test_a_job_has_several_triggers_and_clusters_without_new_cluster(tmp_path: Path) -> None:
    made = job(tmp_path, "prod")

    assert made["triggers"] == [
        {"periodic": {"interval": 2, "unit": "HOURS"}},
        {"pause_status": "UNPAUSED", "table_update": {"table_names": ["acme.raw.trips"]}},
    ]
    assert made["job_cluster"] == [{"job_cluster_key": "big", "serverless_compute_id": "abc"}]


def test_in_development_each_trigger_without_a_pause_status_is_paused(tmp_path: Path) -> None:
    made = job(tmp_path, "dev")

    assert [one["pause_status"] for one in made["triggers"]] == ["PAUSED", "UNPAUSED"]


def run_mesh(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs `mesh` with cdktn, in a process of its own."""
    variables = {**GIT, "MESH_USER": "ola@acme.example", "MESH_TOOLKIT": CDKTN.name}
    command = ["from mesh.cli.main import main; main()", *words, "--env", "dev", "--root", str(root)]
    return subprocess.run(
        [sys.executable, "-c", *command],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_list_of_triggers_excludes_other_triggers_and_each_entry_has_one_kind(tmp_path: Path) -> None:
    done = run_mesh(written(tmp_path, CONFLICTING), "validate")

    assert [line.rpartition("/")[2] for line in done.stderr.splitlines()] == [
        "deployment.yml:3:1: the file has schedule and triggers (keep one)",
        "deployment.yml:4:5: `triggers` has none of continuous, file_arrival, model, periodic, schedule, "
        "table_update (add one)",
        "deployment.yml:6:5: `triggers` has periodic and schedule (keep one)",
        "3 errors, nothing written",
    ]


def test_show_lists_each_trigger_with_the_origin_of_its_pause_status(tmp_path: Path) -> None:
    done = run_mesh(written(tmp_path), "show", "transport/taxinyc/prep/revenue")

    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if "pause_status" in line]
    assert ["PAUSED" in line and "mode development" in line for line in lines] == [True, False]
    assert re.search(r"serverless_compute_id +abc", done.stdout)
