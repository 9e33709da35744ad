"""Drift: only changes by hand are reported."""

from __future__ import annotations

from shutil import rmtree
from typing import Any

from databricks.sdk.service.catalog import VolumeType

from mesh.terraform.terraform import Terraform
from tests.system.deploy.conftest import OLA, PROJECT, Mesh, write_flow

STACK = f"acme-transport-many-local-{OLA}"
DAILY = "schedule: {quartz_cron_expression: 0 0 6 * * ?, timezone_id: UTC}\n"
HOURLY = {"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}


def test_only_changes_by_hand_are_drift(small_mesh: Mesh) -> None:
    """Neither a commit that is not deployed nor a project that was never deployed is drift.

    A deployment reverts the drift.
    """
    mesh = small_mesh
    with (mesh.flow("flow00") / "deployment.yml").open("a") as file:
        file.write(DAILY)
    (mesh.root / PROJECT / "project.yml").write_text(
        "volumes: {landing: {schema: flow00}}\ngrants: [{principal: analysts, role: reader}]\n"
    )
    foundation, project = mesh.terraform("acme-foundation-local", STACK)
    _deploy(foundation, project)
    before = mesh.states(), [file.read_bytes() for file in mesh.states()]
    (mesh.flow("flow01") / "deployment.yml").write_text(
        "description: Not deployed yet\nmax_concurrent_runs: 4\ntasks: [{task_key: a, serverless: true}]\n"
    )
    write_flow(mesh.flow("flow99"))
    other = mesh.root / PROJECT.replace("many", "other") / "flows/prep/one"
    write_flow(other)
    (other / "deployment.yml").write_text("tasks: [{task_key: a, existing_cluster_name: nowhere}]\n")

    jobs = {str(job.settings and job.settings.name): job.job_id for job in mesh.client.jobs.list()}
    prefix = "local_olanordmann_flow0"
    changed = {"job_id": jobs[f"{prefix}0"], "new_settings": {"schedule": HOURLY}}
    mesh.client.api_client.do("POST", "/api/2.1/jobs/update", body=changed)
    # a job that was deployed without a schedule gets one
    changed["job_id"] = jobs[f"{prefix}2"]
    mesh.client.api_client.do("POST", "/api/2.1/jobs/update", body=changed)
    mesh.client.jobs.delete(jobs[f"{prefix}3"] or 0)
    _grant(mesh, f"schema/acme.{prefix}4", "account users", "SELECT")

    out = mesh.root / "report"
    found = mesh.run("drift", "--format", "markdown", "--output", str(out))

    assert found.returncode == 5, found.stdout + found.stderr
    assert found.stdout == ""
    text = (out / "comment-1.md").read_text()
    assert text.startswith("<!-- mesh drift local -->\n### Changed by hand\n")
    assert "- **`local`** · 1 project changed, 1 not deployed\n" in text
    lines = [
        line for line in text.partition("<details><summary>Terraform")[0].splitlines() if line[:1] in "- "
    ]
    gained = f"- `account users` gained `SELECT` on schema `acme.{prefix}4`; the next deployment revokes it"
    assert gained in lines
    assert f"- job `{prefix}3` (`prep/flow03`) was deleted" in lines
    assert [line for line in lines if "runs `" in line] == [
        "  - runs `every hour (UTC)` instead of `every day at 06:00 (UTC, paused)`",
        "  - runs `every hour (UTC)`; had no schedule",
    ]
    assert "flow01" not in text
    assert "volume" not in text
    assert (mesh.states(), [file.read_bytes() for file in mesh.states()]) == before
    assert len(mesh.jobs()) == 5

    state = mesh.root / f".mesh/local/state/acme/transport/other/local/{OLA}/mesh.tfstate"
    state.parent.mkdir(parents=True)
    state.write_text('{"version": 4, "resou')
    failed = mesh.run("drift")
    state.unlink()

    assert failed.returncode == 3, failed.stdout + failed.stderr
    assert (
        f"Error: 1 stack could not be checked, see above: {STACK.replace('many', 'other')}" in failed.stderr
    )
    assert "Changed by hand · local · 1 project changed, 1 failed\n" in failed.stdout
    assert "is truncated" in failed.stdout
    assert f"account users gained SELECT on schema acme.{prefix}4" in failed.stdout

    (mesh.root / "orgs/acme/org.yml").write_text(
        "grants: [{principal: analysts, privileges: [USE_CATALOG]}]\n"
    )
    rmtree(mesh.flow("flow05"))
    _grant(mesh, "catalog/acme", "students", "USE_CATALOG")
    mesh.client.volumes.create("acme", f"{prefix}5", "by_hand", VolumeType.MANAGED)
    plans = str(mesh.root / "plans")
    planned = mesh.run("plan", "--out", plans, "acme-foundation-local", "transport/many")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    reviewed = mesh.run("review", plans, "--look")

    assert reviewed.returncode == 4, reviewed.stdout + reviewed.stderr
    told = " ".join(reviewed.stdout.replace("│", "").replace("└──", "").replace("├──", "").split())
    assert (
        "students loses USE_CATALOG on catalog acme USE_CATALOG was granted by hand and is not in the mesh"
        in told
    )
    assert f"schema acme.{prefix}5 will be destroyed contains 1 volume" in told

    _deploy(foundation, project)
    # the provider does not compare the schedule of a job that declares none: it is undone by hand
    reset = {"job_id": jobs[f"{prefix}2"], "fields_to_remove": ["schedule"]}
    mesh.client.api_client.do("POST", "/api/2.1/jobs/update", body=reset)
    again = mesh.run("drift", "transport/many")

    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout == "Changed by hand · local · no changes, 1 unchanged\n"


def _deploy(*stacks: Terraform) -> None:
    for terraform in stacks:
        assert terraform.plan().error is None
        terraform.apply()


def _grant(mesh: Mesh, securable: str, principal: str, privilege: str) -> None:
    body: dict[str, Any] = {"changes": [{"principal": principal, "add": [privilege]}]}
    mesh.client.api_client.do("PATCH", f"/api/2.1/unity-catalog/permissions/{securable}", body=body)
