"""Regenerates the input of the drift report: `python -m tests.golden.review.by_hand`, as `make plans` does.

The mesh is deployed to a local workspace with real Terraform and changed there by hand. The refreshed states
and next plans are written to `drift/`, without the parts that say nothing about changes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient

from mesh.review.drift_plan import declared_attributes
from tests.golden.review.plans import DEPLOYED, Bench, compact, neutral, resource, served

DRIFT = Path(__file__).parent / "drift"
HOSTILE = "`x` <img src=x onerror=alert(1)> @everybody [a](http://b) -->"


def change(client: WorkspaceClient) -> None:
    """Makes all changes by hand."""
    jobs = {str(job.settings and job.settings.name): job.job_id or 0 for job in client.jobs.list()}
    _update(client, jobs["transport_taxinyc_revenue"], schedule=_schedule("0 0 6 * * ?", "PAUSED"))
    _update(client, jobs["transport_taxinyc_tips"], schedule=_schedule("0 0 * * * ?", "UNPAUSED"))
    client.jobs.delete(jobs["transport_taxinyc_weather"])
    monthly = client.jobs.get(jobs["finance_costs_monthly"]).settings
    assert monthly and monthly.tasks
    first = monthly.tasks[0].as_dict()
    extra = {**first, "task_key": "extra", "depends_on": [{"task_key": "net_revenue"}]}
    _update(
        client,
        jobs["finance_costs_monthly"],
        tasks=[first, extra],
        max_concurrent_runs=3,
        description=HOSTILE,
    )
    _grant(client, "schema/acme_transport.revenue", add={"analysts": ["SELECT", "MODIFY", "USE_SCHEMA"]})
    _grant(client, "schema/acme_transport.revenue", remove={"finance-team": ["SELECT"]})
    _grant(client, "catalog/acme_transport", add={"students": ["USE_CATALOG", "USE_SCHEMA", "SELECT"]})
    client.volumes.delete("acme_transport.revenue.landing")
    client.api_client.do(
        "DELETE", "/api/2.1/unity-catalog/schemas/acme_transport.tips", query={"force": "true"}
    )
    client.schemas.update("acme_transport.weather", comment="by hand")
    _compute(client)


def _compute(client: WorkspaceClient) -> None:
    [cluster] = [one for one in client.clusters.list() if one.cluster_name == "shared"]
    client.clusters.edit(
        cluster_id=cluster.cluster_id or "",
        cluster_name=cluster.cluster_name,
        spark_version=cluster.spark_version or "",
        node_type_id=cluster.node_type_id,
        policy_id=cluster.policy_id,
        num_workers=8,
        autotermination_minutes=0,
    )
    [policy] = [one for one in client.cluster_policies.list() if one.name == "small"]
    definition = json.loads(policy.definition or "{}")
    definition["num_workers"]["maxValue"] = 40
    client.cluster_policies.edit(
        policy_id=policy.policy_id or "",
        name=policy.name,
        description=policy.description,
        definition=json.dumps(definition),
    )
    [reports] = [one for one in client.warehouses.list() if one.name == "reports"]
    allowed = [{"group_name": "students", "permission_level": "CAN_USE"}]
    path = f"/api/2.0/permissions/sql/warehouses/{reports.id}"
    client.api_client.do("PATCH", path, body={"access_control_list": allowed})


def _schedule(cron: str, pause: str) -> dict[str, str]:
    return {"quartz_cron_expression": cron, "timezone_id": "Europe/Brussels", "pause_status": pause}


def _update(client: WorkspaceClient, job: int, **settings: Any) -> None:
    client.api_client.do("POST", "/api/2.1/jobs/update", body={"job_id": job, "new_settings": settings})


def _grant(client: WorkspaceClient, securable: str, **changes: Mapping[str, Iterable[str]]) -> None:
    body = [
        {"principal": principal, verb: [*privileges]}
        for verb, grants in changes.items()
        for principal, privileges in grants.items()
    ]
    path = f"/api/2.1/unity-catalog/permissions/{securable}"
    client.api_client.do("PATCH", path, body={"changes": body})


def refreshed(bench: Bench, stack: Path) -> str:
    """The refreshed state of a stack and its next plan, as JSON with one line per resource."""
    bench.terraform(stack, "plan", "-refresh-only", "-input=false", "-out=plan")
    refresh = json.loads(bench.terraform(stack, "show", "-json", "plan").stdout)
    following, _ = bench.plan(stack)
    resources = refresh["prior_state"]["values"]["root_module"].get("resources", [])
    parts = {
        "declared": [
            [address, sorted(names)]
            for address, names in sorted(
                declared_attributes(json.loads((stack / "cdk.tf.json").read_text())).items()
            )
        ],
        "drift": [resource(one) for one in refresh.get("resource_drift", [])],
        "there": [
            {key: compact(one[key]) for key in ("address", "mode", "type", "values")}
            for one in resources
            if one["mode"] == "managed"
        ],
        "next": [
            resource(one)
            for one in (following or {}).get("resource_changes", [])
            if one["change"]["actions"] != ["no-op"]
        ],
    }
    lines = [
        f'"{name}": [' + ",".join(f"\n  {json.dumps(one, sort_keys=True)}" for one in part) + "\n ]"
        for name, part in parts.items()
    ]
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def main() -> None:
    """Deploys, changes by hand, and writes the refreshed states."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "mesh") as bench:
        host, token = (bench.environ[f"DATABRICKS_{one}"] for one in ("HOST", "TOKEN"))
        change(WorkspaceClient(host=host, token=token, auth_type="pat"))
        for stack in bench.synthesize(DEPLOYED):
            (DRIFT / f"{stack.name}.json").write_text(neutral(refreshed(bench, stack), bench.root, host))


if __name__ == "__main__":
    main()
