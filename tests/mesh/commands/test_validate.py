"""`mesh validate`: warnings beside the result."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support.command_line import run_mesh

FLOW = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"


def test_a_warning_does_not_change_the_exit_code(tmp_path: Path) -> None:
    folder = tmp_path / FLOW
    folder.mkdir(parents=True)
    (folder / "a.py").touch()
    (folder / "deployment.yml").write_text(
        "schedule: {quartz_cron_expression: 0 0 6 31 * ?, timezone_id: UTC}\ntasks: [{task_key: a, serverless: true}]"
        "\nperformance_target: TURBO"
    )
    environ = {**os.environ, "MESH_USER": "ada@acme.example", "MESH_NOW": "2027-01-01T00:00:00Z"}

    done = run_mesh(["validate"], tmp_path, environ)
    as_json = run_mesh(["validate", "--json"], tmp_path, environ)

    assert (done.returncode, as_json.returncode) == (0, 0)
    assert done.stdout == "1 project, 1 flow: no errors in local, 2 warnings\n"
    assert done.stderr.startswith(f"{FLOW}/deployment.yml:1:36: warning: `0 0 6 31 * ?` runs on day 31")
    assert [(entry["code"], entry["severity"]) for entry in json.loads(as_json.stdout)] == [
        ("schedule-short-months", "warning"),
        ("unknown-value", "warning"),
    ]
