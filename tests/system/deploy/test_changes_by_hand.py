"""Every kind of change by hand is reported with the right effect of the next deployment, with either provider."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.system.deploy.conftest import Mesh, served

EVERYTHING = Path(__file__).resolve().parents[2] / "everything"
UNITY_CATALOG = "/api/2.1/unity-catalog"
SCHEMAS = "acme_transport.local_olanordmann_"
HOURLY = {"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}
OF_A_JOB: Mapping[str, Any] = {
    "schedule": HOURLY,
    "description": "by hand",
    "email_notifications": {"on_failure": ["x@acme.example"]},
    "webhook_notifications": {"on_failure": [{"id": "w1"}]},
    "timeout_seconds": 77,
    "queue": {"enabled": True},
    "health": {"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 10}]},
    "notification_settings": {"no_alert_for_skipped_runs": True},
}
OF_A_CLUSTER: Mapping[str, Any] = {
    "custom_tags": {"by": "hand"},
    "spark_conf": {"a": "b"},
    "spark_env_vars": {"X": "1"},
    "init_scripts": [{"workspace": {"destination": "/x.sh"}}],
}


@pytest.fixture
def everything(tmp_path: Path) -> Iterator[Mesh]:
    """A mesh that uses everything, and a workspace for it."""
    shutil.copytree(EVERYTHING, tmp_path, dirs_exist_ok=True)
    yield from served(tmp_path)


@dataclass(frozen=True)
class Hand:
    """Somebody who changes a workspace through its API.

    Args:
        mesh: the mesh with the workspace.
    """

    mesh: Mesh

    def call(self, method: str, path: str, **body: Any) -> Any:
        """The answer to a request."""
        query = body if method == "GET" else None
        return self.mesh.client.api_client.do(
            method, path, query=query, body=None if method == "GET" else body
        )

    def job(self, name: str, **settings: Any) -> None:
        """Changes settings of a job."""
        [found] = [
            one
            for one in self.mesh.client.jobs.list()
            if str(one.settings and one.settings.name).endswith(name)
        ]
        self.call("POST", "/api/2.2/jobs/update", job_id=found.job_id, new_settings=settings)

    def grant(self, securable: str, principal: str, privilege: str) -> None:
        """Grants a privilege."""
        changes = [{"principal": principal, "add": [privilege]}]
        self.call("PATCH", f"{UNITY_CATALOG}/permissions/{securable}", changes=changes)

    def permit(self, object: str, level: str) -> None:
        """Gives students a permission level."""
        entry = {"group_name": "students", "permission_level": level}
        self.call("PATCH", f"/api/2.0/permissions/{object}", access_control_list=[entry])

    def change_runs(self) -> None:
        """Changes jobs and pipelines."""
        self.job("monthly_local_olanordmann_query", **OF_A_JOB)
        self.job(
            "monthly_local_olanordmann_sums",
            trigger={"pause_status": "UNPAUSED", "periodic": {"interval": 1, "unit": "DAYS"}},
            max_concurrent_runs=3,
        )
        self.job("checked_local_olanordmann", continuous={"pause_status": "UNPAUSED"})
        [pipeline] = [
            str(one.pipeline_id)
            for one in self.mesh.client.pipelines.list_pipelines()
            if str(one.name).endswith("classic")
        ]
        path = f"/api/2.0/pipelines/{pipeline}"
        added = {
            "event_log": {"name": "by_hand"},
            "notifications": [{"email_recipients": ["x@acme.example"], "alerts": ["on-update-failure"]}],
        }
        self.call("PUT", path, **{**self.call("GET", path)["spec"], **added})

    def change_data(self) -> None:
        """Changes catalogs, schemas, volumes, models, locations and grants."""
        for path, settings in {
            "catalogs/acme_transport": {
                "enable_predictive_optimization": "ENABLE",
                "isolation_mode": "ISOLATED",
            },
            f"schemas/{SCHEMAS}monthly": {"comment": "by hand", "owner": "analysts"},
            f"schemas/{SCHEMAS}tips": {"comment": ""},
            f"volumes/{SCHEMAS}revenue.drop": {"comment": "by hand"},
            f"models/{SCHEMAS}revenue.taximodel": {"owner": "analysts"},
            "external-locations/drop": {"isolation_mode": "ISOLATION_MODE_ISOLATED"},
        }.items():
            self.call("PATCH", f"{UNITY_CATALOG}/{path}", **settings)
        self.grant(f"volume/{SCHEMAS}revenue.drop", "students", "READ_VOLUME")
        self.grant(f"schema/{SCHEMAS}monthly", "students", "SELECT")

    def change_compute(self) -> None:
        """Changes the warehouse, the cluster, the policy, the pool and the group of the org."""
        client = self.mesh.client
        [warehouse] = [str(one.id) for one in client.warehouses.list() if one.name == "reports"]
        tags = {"custom_tags": [{"key": "by", "value": "hand"}]}
        self.call("POST", f"/api/2.0/sql/warehouses/{warehouse}/edit", name="reports", tags=tags)
        [cluster] = [str(one.cluster_id) for one in client.clusters.list()]
        now = self.call("GET", "/api/2.1/clusters/get", cluster_id=cluster)
        kept = ("cluster_id", "cluster_name", "spark_version", "node_type_id", "num_workers", "policy_id")
        kept_now = {name: now[name] for name in (*kept, "autotermination_minutes")}
        self.call("POST", "/api/2.1/clusters/edit", **kept_now, **OF_A_CLUSTER)
        [policy] = [one for one in client.cluster_policies.list() if one.name == "small"]
        edited = {"policy_id": policy.policy_id, "name": "small", "definition": policy.definition}
        self.call(
            "POST",
            "/api/2.0/policies/clusters/edit",
            **edited,
            description=policy.description,
            max_clusters_per_user=3,
        )
        [pool] = [str(one.instance_pool_id) for one in client.instance_pools.list()]
        self.permit(f"instance-pools/{pool}", "CAN_ATTACH_TO")
        [group] = [str(one.id) for one in client.groups.list() if one.display_name == "students"]
        member = client.users.create(user_name="eve@acme.example")
        operation = {"op": "add", "path": "members", "value": [{"value": member.id}]}
        self.call("PATCH", f"/api/2.0/preview/scim/v2/Groups/{group}", Operations=[operation])


REPORTED = (
    *(f"query | {name}" for name in OF_A_JOB if name != "schedule"),
    "query | runs every hour",
    "sums | runs every 1 days",
    "sums | max_concurrent_runs: 3",
    "_checked_local_olanordmann (prep/checked) was changed | runs continuously",
    "classic | event_log",
    "classic | notification",
    "catalog acme_transport was changed | enable_predictive_optimization",
    "catalog acme_transport was changed | isolation_mode",
    f"analysts became the owner of schema {SCHEMAS}monthly",
    f"analysts became the owner of registered model {SCHEMAS}revenue.taximodel",
    f"students gained READ_VOLUME on volume {SCHEMAS}revenue.drop",
    f"students gained SELECT on schema {SCHEMAS}monthly",
    "students gained CAN_ATTACH_TO on instance pool warm",
    "SQL warehouse reports was changed | tags",
    *(f"cluster shared was changed | {name}" for name in OF_A_CLUSTER),
    "cluster policy small was changed | max_clusters_per_user",
    "gained MEMBER on group students",
)


def test_every_kind_of_change_by_hand_is_reported_with_its_effect(everything: Mesh) -> None:
    hand = Hand(everything)
    deployed = _run(everything, "deploy", "--auto-approve")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    unchanged = _run(everything, "drift")
    assert unchanged.returncode == 0, unchanged.stdout
    hand.change_runs()
    hand.change_data()
    hand.change_compute()

    changes = _drift(everything)

    lines = [f"{one['text']} | {detail}" for one in changes for detail in ("", *one["details"])]
    text = "\n".join(lines).replace("`", "")
    for expected in REPORTED:
        subject, _, detail = expected.partition(" | ")
        assert [line for line in text.split("\n") if subject in line and detail in line], expected
    assert {one["told_by"] for one in changes} <= {"refresh", "workspace"}
    jobs = [one for one in changes if one["text"].startswith("job ") and not one.get("more")]
    assert all(one["declared_in"].rpartition(":")[0].endswith("deployment.yml") for one in jobs)

    again = _run(everything, "deploy", "--auto-approve")

    assert again.returncode == 0, again.stdout + again.stderr
    left = {one["text"] for one in changes if one["next_deployment"] == "leaves"}
    remaining = {one["text"] for one in _drift(everything)}
    reverted = {one["text"] for one in changes if one["next_deployment"] == "reverts"} - left
    assert left - remaining == set()
    assert reverted & remaining == set()
    warned = [one["text"] for one in changes if one["told_by"] == "workspace"]
    assert [text for text in warned if text.split("`")[1] not in again.stderr] == []


def _run(mesh: Mesh, *arguments: str) -> CompletedProcess[str]:
    """Runs a command to its end, which takes long on a busy machine: three stacks are planned."""
    process = mesh.start(*arguments)
    out, err = process.communicate()
    return CompletedProcess(arguments, process.returncode, out, err)


def _drift(mesh: Mesh) -> list[dict[str, Any]]:
    """The changes by hand."""
    done = _run(mesh, "drift", "--format", "json")
    assert done.returncode == 5, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["notes"] == []
    return [change for stack in report["stacks"] for change in stack["changes"]]
