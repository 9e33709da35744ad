"""Configurations that Terraform's provider refuses are findings before anything is deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh.documents.provider_fields import Field, Shape, names, shape
from mesh.errors import MeshError
from mesh.git.checkout import GitContext
from mesh.load import load

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "provider-1.99.0-recordings.jsonl"
PROJECT = Path("orgs/acme/domains/transport/projects/taxinyc")
DEPLOYMENT = PROJECT / "flows" / "prep" / "revenue" / "deployment.yml"
COMPUTE = Path("orgs/acme/compute.yml")
TASKS = "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: /a, source: WORKSPACE}}]"
CRON = "schedule: {quartz_cron_expression: 0 0 6 * * ?, timezone_id: UTC}"
DAILY = "periodic: {interval: 1, unit: DAYS}"
CLUSTER = "spark_version: 15.4.x-scala2.12"
POOL = "idle_instance_autotermination_minutes: 5"
GIT = "git_url: https://github.com/other/mesh, git_provider: gitHub"
LIBRARIES = "libraries: [{notebook: {path: /Workspace/a}}]"


def findings(root: Path, files: Mapping[Path, str]) -> list[str]:
    """The codes of the findings of a mesh, in order."""
    for file, text in {DEPLOYMENT: TASKS, **files}.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    git = GitContext(
        root, "ola@acme.example", "https://github.com/acme/mesh", "main", commit="c" * 40, lenient=True
    )
    try:
        load(root).in_environment("local", git)
    except MeshError as error:
        return [finding.code for finding in sorted(error.findings)]
    return []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{CRON}\ntrigger: {{{DAILY}}}", "conflicting-fields"),
        (f"{CRON}\ncontinuous: {{}}", "conflicting-fields"),
        (f"trigger: {{{DAILY}}}\ncontinuous: {{}}", "conflicting-fields"),
        ("trigger: {}", "missing-field"),
        ("trigger: {pause_status: PAUSED}", "missing-field"),
        ("trigger: {model: {condition: MODEL_CREATED}}", "missing-field"),
        (f"trigger: {{{DAILY}, file_arrival: {{url: s3://a/}}}}", "conflicting-fields"),
        ("trigger: {periodic: {interval: 0, unit: DAYS}}", "out-of-range"),
        ("trigger: {periodic: {interval: 1, unit: days}}", "wrong-value"),
        ("trigger: {periodic: {interval: 1, unit: MINUTES}}", "wrong-value"),
        ("trigger: {file_arrival: {url: ''}}", "missing-field"),
        ("trigger: {table_update: {table_names: []}}", "empty-list"),
        ("trigger: {table_update: {table_names: [a], condition: any_updated}}", "wrong-value"),
        ("continuous: {}\nalways_running: true\ncontrol_run_state: true", "conflicting-fields"),
        ("continuous: {}\nalways_running: false", "conflicting-fields"),
        ("always_running: true\nmax_concurrent_runs: 2", "conflicting-fields"),
        ("control_run_state: true", "missing-field"),
        ("continuous: {}\ncontrol_run_state: true\nmax_concurrent_runs: 2", "conflicting-fields"),
        ("git_source: {git_url: http://github.com/a/b, git_provider: gitHub, git_tag: v}", "wrong-value"),
        ("git_source: {git_url: 'git@github.com:a/b', git_provider: gitHub, git_tag: v}", "wrong-value"),
        (f"git_source: {{{GIT}, git_branch: main, git_tag: v1}}", "conflicting-fields"),
        (f"git_source: {{{GIT}, git_branch: main, git_commit: abc}}", "conflicting-fields"),
        (f"git_source: {{{GIT}, git_tag: v1, git_commit: abc}}", "conflicting-fields"),
        (f"git_source: {{{GIT}}}", "missing-field"),
        ("git_source: {git_url: https://git.acme.example/a, git_branch: main}", "missing-field"),
        ("run_as: {user_name: a@acme.example, service_principal_name: b}", "conflicting-fields"),
        ("run_as: {}", "missing-field"),
        ("max_concurrent_runs: -1", "wrong-type"),
        ("health: {rules: []}", "empty-list"),
    ],
)
def test_a_job_that_the_provider_refuses(tmp_path: Path, text: str, code: str) -> None:
    assert code in findings(tmp_path, {DEPLOYMENT: f"{TASKS}\n{text}"})


@pytest.mark.parametrize(
    "text",
    [
        "git_source: {git_url: https://github.com/other/mesh, git_branch: main}",
        "git_source: {git_url: https://git.acme.example/a, git_provider: gitHubEnterprise, git_tag: v1}",
        f"trigger: {{{DAILY}, pause_status: PAUSED}}",
        "continuous: {}\ncontrol_run_state: true",
        "control_run_state: false\nmax_concurrent_runs: 3",
        "run_as: {user_name: a@acme.example}",
    ],
)
def test_a_job_that_the_provider_accepts(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, {DEPLOYMENT: f"{TASKS}\n{text}"}) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("node_type_id: n, instance_pool_name: p", "conflicting-fields"),
        ("node_type_id: n, driver_instance_pool_name: p", "conflicting-fields"),
        ("instance_pool_name: p, driver_node_type_id: n", "conflicting-fields"),
        ("node: {min_cores: 4}, driver_instance_pool_id: p", "conflicting-fields"),
        ("instance_pool_id: p, driver_node: {min_cores: 4}", "conflicting-fields"),
        ("node_type_id: n, aws_attributes: {zone_id: z}, azure_attributes: {}", "conflicting-fields"),
        ("node_type_id: n, aws_attributes: {}, gcp_attributes: {}", "conflicting-fields"),
        ("node_type_id: n, num_workers: -1", "out-of-range"),
        (
            "node_type_id: n, num_workers: 1, autoscale: {min_workers: 1, max_workers: 2}",
            "conflicting-fields",
        ),
        ("node_type_id: n, autoscale: {min_workers: 3, max_workers: 2}", "out-of-range"),
        ("node_type_id: n, runtime_engine: photon", "wrong-value"),
        (f"node_type_id: n, ssh_public_keys: [{', '.join('a' * 11)}]", "out-of-range"),
        (
            f"node_type_id: n, init_scripts: [{', '.join(['{workspace: {destination: /a}}'] * 11)}]",
            "out-of-range",
        ),
    ],
)
@pytest.mark.parametrize("place", ["clusters", "job_clusters", "new_cluster"])
def test_a_cluster_that_the_provider_refuses(tmp_path: Path, place: str, fields: str, code: str) -> None:
    cluster = f"{{{CLUSTER}, {fields}}}"
    task = f"tasks: [{{task_key: a, new_cluster: {cluster}, notebook_task: {{notebook_path: /a, source: WORKSPACE}}}}]"
    files = {DEPLOYMENT: task} if place == "new_cluster" else {COMPUTE: f"{place}: {{a: {cluster}}}"}
    assert findings(tmp_path, files) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sql_warehouses: {w: {cluster_size: small}}", "misspelled-value"),
        ("sql_warehouses: {w: {cluster_size: 5X-Large}}", "wrong-value"),
        ("sql_warehouses: {w: {cluster_size: Small, warehouse_type: pro}}", "wrong-value"),
        ("sql_warehouses: {w: {cluster_size: Small, max_num_clusters: 0}}", "out-of-range"),
        ("sql_warehouses: {w: {cluster_size: Small, max_num_clusters: 31}}", "out-of-range"),
        ("sql_warehouses: {w: {}}", "missing-field"),
        ("cluster_policies: {p: {definition: {}, policy_family_id: f}}", "policy-without-rules"),
        ("cluster_policies: {p: {definition: {}, policy_family_definition_overrides: {}}}", "missing-field"),
        (f"instance_pools: {{p: {{{POOL}, node_type_id: n, aws_attributes: {{}}, azure_attributes: {{}}}}}}", "conflicting-fields"),
        (f"instance_pools: {{p: {{{POOL}, node_type_id: n, aws_attributes: {{availability: SPOT_WITH_FALLBACK}}}}}}", "wrong-value"),
        (f"instance_pools: {{p: {{{POOL}, node_type_id: n, azure_attributes: {{availability: SPOT}}}}}}", "wrong-value"),
        (f"instance_pools: {{p: {{{POOL}, node_type_id: n, gcp_attributes: {{gcp_availability: SPOT}}}}}}", "wrong-value"),
        (f"instance_pools: {{p: {{{POOL}, node_type_id: n, disk_spec: {{disk_type: {{ebs_volume_type: ssd}}}}}}}}", "wrong-value"),
        (f"instance_pools: {{p: {{{POOL}, instance_pool_fleet_attributes: {{launch_template_overrides: []}}}}}}", "empty-list"),
    ],
)  # fmt: skip
def test_compute_that_the_provider_refuses(tmp_path: Path, text: str, code: str) -> None:
    assert findings(tmp_path, {COMPUTE: text}) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{LIBRARIES}\nchannel: stable", "wrong-value"),
        (f"{LIBRARIES}\nedition: basic", "wrong-value"),
        (f"{LIBRARIES}\nnotifications: [{{email_recipients: [], alerts: [on-update-failure]}}]", "empty-list"),
        (f"{LIBRARIES}\nnotifications: [{{email_recipients: [a@acme.example], alerts: []}}]", "empty-list"),
        (f"{LIBRARIES}\nrun_as: {{user_name: a, service_principal_name: b}}", "conflicting-fields"),
        (f"{LIBRARIES}\nclusters: [{{ssh_public_keys: [{', '.join('a' * 11)}]}}]", "out-of-range"),
        (f"{LIBRARIES}\nclusters: [{{num_workers: -1}}]", "out-of-range"),
        ("ingestion_definition: {connection_name: c}", "missing-field"),
        ("ingestion_definition: {connection_name: c, ingestion_gateway_id: g, objects: [{}]}", "conflicting-fields"),
    ],
)  # fmt: skip
def test_a_pipeline_that_the_provider_refuses(tmp_path: Path, text: str, code: str) -> None:
    assert code in findings(tmp_path, {DEPLOYMENT: text})


@pytest.mark.parametrize("text", [f"{LIBRARIES}\nchannel: preview", f"{LIBRARIES}\nedition: Pro"])
def test_a_pipeline_that_the_provider_accepts(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, {DEPLOYMENT: text}) == []


def test_a_group_that_every_workspace_has(tmp_path: Path) -> None:
    assert findings(tmp_path, {Path("orgs/acme/org.yml"): "groups: {admins: {make: true}}"}) == [
        "reserved-group"
    ]


# The section of compute.yml of each resource
SECTIONS = {
    "cluster": ("clusters", "cluster_name"),
    "cluster_policy": ("cluster_policies", "name"),
    "instance_pool": ("instance_pools", "instance_pool_name"),
    "sql_endpoint": ("sql_warehouses", "name"),
}


def recordings() -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Case, resource, its configuration, and whether the provider refused it; of what YAML can express."""
    for line in RECORDINGS.read_text("utf-8").splitlines() if RECORDINGS.exists() else ():
        recorded = json.loads(line)
        if "${" in line:  # refers to another resource, as only Terraform code can
            continue
        for kind, resources in recorded["config"].items():
            resource = kind.removeprefix("databricks_")
            if resource in (*SECTIONS, "job", "pipeline"):
                refused = bool(recorded.get("error"))
                yield from ((recorded["case"], resource, one, refused) for one in resources.values())


def in_yaml(arguments: Mapping[str, Any], of: Shape) -> dict[str, Any]:
    """Terraform's arguments in the spelling of the API."""
    by_terraform = {field.terraform: field for field in of.fields.values()}
    return {by_terraform[name].name: _value(value, by_terraform[name]) for name, value in arguments.items()}


def _value(value: Any, field: Field) -> Any:
    if not isinstance(field.type, Shape):
        return value
    blocks = [in_yaml(one, field.type) for one in (value if isinstance(value, list) else [value])]
    return blocks if field.many == "[]" else blocks[0]


def as_files(resource: str, arguments: dict[str, Any]) -> dict[Path, str]:
    """The files of a mesh that declare the resource; in a mesh, a task names its compute."""
    fields = in_yaml(arguments, shape(resource))
    if resource in SECTIONS:
        section, name = SECTIONS[resource]
        if resource == "cluster_policy":
            fields["definition"] = json.loads(fields["definition"])
        return {COMPUTE: yaml.safe_dump({section: {fields.pop(name): fields}})}
    return {DEPLOYMENT: yaml.safe_dump(fields)}


RECORDED = list(recordings())


def test_a_recorded_resource_is_one_that_yaml_can_express() -> None:
    """A renamed field of the recordings must not empty the tests below."""
    assert not RECORDINGS.exists() or len(RECORDED) > 30
    assert {resource for _, resource, _, _ in RECORDED} <= set(names("resources"))


def test_every_recorded_refusal_is_a_finding(tmp_path: Path) -> None:
    refusals = [(case, kind, one) for case, kind, one, refused in RECORDED if refused]
    accepted = [
        case
        for number, (case, kind, one) in enumerate(refusals)
        if not findings(tmp_path / str(number), as_files(kind, one))
    ]
    assert accepted == []


# Codes of what the mesh asks for in addition to the provider: its own names and files, and a compute
OF_THE_MESH = {
    "missing-field",
    "name-given",
    "notebook-missing",
    "notebook-outside",
    "task-without-compute",
}


@pytest.mark.parametrize(
    ("resource", "arguments"),
    [pytest.param(kind, one, id=case) for case, kind, one, refused in RECORDED if not refused],
)
def test_no_recorded_success_breaks_a_rule_of_the_provider(
    tmp_path: Path, resource: str, arguments: dict[str, Any]
) -> None:
    assert set(findings(tmp_path, as_files(resource, arguments))) <= OF_THE_MESH
