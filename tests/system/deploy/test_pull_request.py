"""One pull request: planned, reviewed, merged, applied; then drift by hand, and a stale deployment reaped."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service import jobs
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.support.git_repository import Repository
from tests.system.deploy.conftest import OLA, Mesh, served

RUN_AS = "7f1c0d6e-0000-4000-8000-000000000001"
KARI = "kari.nordmann@acme.example"
DOMAIN = "orgs/acme/domains/transport"
TAXI = f"{DOMAIN}/projects/taxi"
TRAMS = f"{DOMAIN}/projects/trams"
JOB = "schedule: {{quartz_cron_expression: '{cron}', timezone_id: UTC}}\ntasks: [{{task_key: a, serverless: true}}]\n"
NOTEBOOK = "# Databricks notebook source\nprint(1)\n"
MESH = {
    ".gitignore": ".mesh/\n",
    ".brickopscfg/config.yml": "naming:\n"
    '  job: {prod: "{project}_{flow}", other: "{env}_{username}_{project}_{flow}"}\n'
    '  pipeline: {prod: "{flow}", other: "{env}_{username}_{flow}"}\n'
    '  catalog: {prod: "{org}_{project}", other: "{org}_{project}"}\n'
    '  db: {prod: "{db}", other: "{env}_{username}_{db}"}\n',
    "orgs/acme/org.yml": "groups: {analysts: {}}\n"
    "environments:\n"
    "  dev: {workspace: local}\n"
    "  prod: {workspace: local, mode: production, branch: main, "
    f"run_as: {{service_principal_name: {RUN_AS}}}}}\n",
    **{
        f"{folder}/flows/prep/{flow}/{file}": text
        for folder, flow in ((TAXI, "revenue"), (TAXI, "tips"), (TRAMS, "lines"))
        for file, text in (("deployment.yml", JOB.format(cron="0 0 6 * * ?")), ("a.py", NOTEBOOK))
    },
}
SHARED = "acme-foundation-local"
PROD = "acme-transport-taxi-prod"
DATA_LOSS = "Tips are nobody's any more.\n\ndata-loss: approved\n"


@dataclass(frozen=True)
class Team:
    """A repository with a remote, and its workspace.

    Args:
        mesh: the mesh in the clone.
        repository: the clone.
    """

    mesh: Mesh
    repository: Repository

    def said(self, *arguments: str, code: int = 0, **identity: str) -> str:
        """Returns the output of a `mesh` command; other exit codes fail the test."""
        done = self.mesh.run(*arguments, **identity)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def deploy(self, env: str, *stacks: str, **identity: str) -> None:
        """Plan and apply, without a review."""
        plans = str(self.mesh.root / ".mesh" / "plans")
        self.said("plan", *stacks, "--env", env, "--out", plans, **identity)
        self.said("apply", plans, "--env", env, "--auto-approve", **identity)

    def push(self) -> None:
        """Push what is checked out."""
        self.repository.git("push", "-q", "origin", "HEAD")

    def there(self) -> dict[str, Any]:
        """All objects of the project trams, which this test does not change."""
        client = self.mesh.client
        [job] = [one for one in client.jobs.list() if one.settings and one.settings.name == "trams_lines"]
        schemas = [one.as_dict() for one in client.schemas.list("acme_trams")]
        grants = client.grants.get("schema", "acme_trams.lines").as_dict()
        return {"job": client.jobs.get(job.job_id or 0).as_dict(), "schemas": schemas, "grants": grants}


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """Production, deployed from `main`."""
    remote = tmp_path / "remote"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(remote)], check=True)
    repository = Repository.new(tmp_path / "clone", MESH)
    repository.git("remote", "add", "origin", str(remote))
    for mesh in served(repository.path):
        one = Team(mesh, repository)
        one.push()
        one.deploy("prod")
        yield one


def test_a_pull_request_is_reviewed_applied_and_watched(team: Team, tmp_path: Path) -> None:
    """Runs the commands of `.github/workflows`."""
    trams = team.there()
    plans, text = tmp_path / "plans", tmp_path / "pull_request.md"
    _changed(team)

    onto = {"MESH_GIT_BRANCH": "main"}  # the deployed branch is the target of the merge
    planned = json.loads(team.said("affected", "--base", "main", "--env", "prod", "--json", **onto))
    assert [one["stack"] for one in planned["matrix"]["include"]] == [SHARED, PROD]
    team.said("plan", SHARED, PROD, "--env", "prod", "--out", str(plans), **onto)
    review = team.said("review", str(plans), code=4)
    assert "refused data-loss in prod: schema acme_taxi.tips will be destroyed" in review
    text.write_text(DATA_LOSS)
    assert "analysts" in team.said("review", str(plans), "--pull-request", str(text))

    _merged(team)
    refused = team.said("apply", str(plans), "--env", "prod", "--auto-approve", code=4)
    assert "refused data-loss" in refused
    assert "tips" in {one.name for one in team.mesh.client.schemas.list("acme_taxi")}
    team.said("apply", str(plans), "--env", "prod", "--auto-approve", "--pull-request", str(text))
    _is_deployed(team)
    assert team.there() == trams

    _drifts(team)
    assert team.there() == trams
    _is_reaped(team)
    assert team.there() == trams


def _changed(team: Team) -> None:
    """Two commits on a branch: a new flow, a removed flow, a changed schedule, and read access for analysts."""
    team.repository.git("switch", "-q", "-c", "feature/zones")
    team.repository.commit(
        {
            f"{TAXI}/flows/prep/zones/deployment.yml": JOB.format(cron="0 0 6 * * ?"),
            f"{TAXI}/flows/prep/zones/a.py": NOTEBOOK,
            f"{TAXI}/project.yml": "grants: [{principal: analysts, role: reader}]\n",
        }
    )
    team.repository.git("rm", "-rq", f"{TAXI}/flows/prep/tips")
    team.repository.commit({f"{TAXI}/flows/prep/revenue/deployment.yml": JOB.format(cron="0 0 7 * * ?")})
    team.push()


def _merged(team: Team) -> None:
    """Merges the pull request with a merge commit."""
    team.repository.git("switch", "-q", "main")
    team.repository.git("merge", "-q", "--no-ff", "-m", "Merge pull request", "feature/zones")
    team.push()
    team.repository.git("fetch", "-q", "origin")


def _is_deployed(team: Team) -> None:
    client = team.mesh.client
    names = {one.settings.name for one in client.jobs.list() if one.settings}
    assert names == {"taxi_revenue", "taxi_zones", "trams_lines"}
    assert {one.name for one in client.schemas.list("acme_taxi")} >= {"revenue", "zones"}
    assert "tips" not in {one.name for one in client.schemas.list("acme_taxi")}


def _drifts(team: Team) -> None:
    """Changes by hand are reported, and the next deployment reverts them."""
    client = team.mesh.client
    assert "Changed by hand · prod · no changes, 2 unchanged" in team.said("drift", "--env", "prod")
    change = PermissionsChange(add=[Privilege.MODIFY], principal="eve@acme.example")
    client.grants.update("schema", "acme_taxi.revenue", changes=[change])
    [job] = [one for one in client.jobs.list() if one.settings and one.settings.name == "taxi_revenue"]
    daily = jobs.CronSchedule(quartz_cron_expression="0 0 5 * * ?", timezone_id="UTC")
    client.jobs.update(job.job_id or 0, new_settings=jobs.JobSettings(schedule=daily))
    said = team.said("drift", "--env", "prod", code=5)
    assert "Changed by hand · prod · 1 project changed, 1 unchanged" in said
    assert "eve@acme.example gained MODIFY on schema acme_taxi.revenue" in said
    assert "runs every day at 05:00 (UTC) instead of every day at 07:00 (UTC)" in said
    assert "acme/transport/trams" not in said
    team.deploy("prod", PROD)
    team.said("drift", "--env", "prod")


def _is_reaped(team: Team) -> None:
    """A stale personal deployment of Kari is destroyed."""
    kari, prod = team.mesh.become(KARI), team.mesh.jobs()
    team.deploy("dev", "acme/transport/taxi", **kari)
    assert len(team.mesh.jobs()) == len(prod) + 2
    ola = team.mesh.become(OLA)
    listed = team.said("reap", "--env", "dev", "--older-than", "0h", "--dry-run", **ola)
    assert f"stale: acme/transport/taxi/dev/{KARI}" in listed
    team.said("reap", "--env", "dev", "--older-than", "0h", "--auto-approve", **ola)
    assert team.mesh.jobs() == prod
