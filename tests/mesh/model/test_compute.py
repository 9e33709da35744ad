"""Compute of org, domain and project: resolution of names, created objects, and findings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from datamesh.bindings import databricks
from mesh.deployment.compute import ComputeObjects
from mesh.deployment.deployment import Deployment
from mesh.deployment.job import Job
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.errors import MeshError
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.mesh import MeshDeployment
from mesh.model.compute_object import ComputeObject, Lookup
from mesh.model.node_type import NodeFile
from mesh.model.permission import Permission

DOMAIN = "orgs/acme/domains/transport"
PROJECT = f"{DOMAIN}/projects/taxinyc"
FLOW = f"{PROJECT}/flows/prep/revenue"
COMMIT = "5bd01c2f8a7e6d5c4b3a29181716151413121110"
NODE = "spark_version: 15.4.x-scala2.12, node: {min_cores: 4}, num_workers: 1"


def mesh(
    root: Path, files: dict[str, str], env: str = "dev", user: str = "ola@acme.example"
) -> MeshDeployment:
    """A mesh of these files, with a flow of one notebook."""
    serverless = {f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]"}
    notebook = {f"{FLOW}/a.py": "# Databricks notebook source\n"}
    for name, text in {**serverless, **notebook, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git = GitContext(root, user, "https://github.com/acme/mesh", "main", commit=COMMIT)
    return load(root).in_environment(env, git)


def job(deployed: MeshDeployment) -> Job:
    made = deployed.flow("prep/revenue").job
    assert made is not None
    return made


def shared(deployed: MeshDeployment) -> ComputeObjects:
    [foundation] = [one for one in deployed.foundations if isinstance(one, WorkspaceFoundation)]
    return foundation.compute


def own(deployed: MeshDeployment) -> ComputeObjects:
    [deployment] = [one for one in deployed.deployments if isinstance(one, Deployment)]
    return deployment.compute


def names(objects: Iterable[ComputeObject]) -> list[str]:
    return [one.name for one in objects]


def codes(root: Path, files: dict[str, str], **how: str) -> list[str]:
    with pytest.raises(MeshError) as error:
        mesh(root, files, **how)
    return [finding.code for finding in error.value.findings]


def test_the_nearest_template_of_a_key_is_used_with_its_origin(tmp_path: Path) -> None:
    """The built-in template is the last choice."""
    template = "job_clusters: {{{key}: {{spark_version: {version}, node_type_id: i3.xlarge}}}}"
    deployed = mesh(
        tmp_path,
        {
            "orgs/acme/compute.yml": template.format(key="etl", version="org"),
            f"{DOMAIN}/compute.yml": template.format(key="etl", version="domain"),
            f"{PROJECT}/compute.yml": template.format(key="other", version="project"),
            f"{FLOW}/deployment.yml": "tasks:\n"
            "- {task_key: a, job_cluster_key: etl}\n"
            "- {task_key: b, notebook_task: {notebook_path: a}, job_cluster_key: other}\n"
            "- {task_key: c, notebook_task: {notebook_path: a}, job_cluster_key: common-job-cluster}\n",
        },
    )
    made = job(deployed)
    assert [(one.key, one.new_cluster["spark_version"], one.origin) for one in made.templates] == [
        ("etl", "domain", f"{DOMAIN}/compute.yml:1"),
        ("other", "project", f"{PROJECT}/compute.yml:1"),
        ("common-job-cluster", "14.3.x-scala2.12", "built in"),
    ]
    assert [one["job_cluster_key"] for one in made.settings["job_clusters"]] == [
        "etl",
        "other",
        "common-job-cluster",
    ]


def test_a_file_may_override_the_built_in_template(tmp_path: Path) -> None:
    """It is nearer than the built-in template."""
    deployed = mesh(
        tmp_path,
        {
            "orgs/acme/compute.yml": f"job_clusters: {{common-job-cluster: {{{NODE}}}}}",
            f"{FLOW}/deployment.yml": "tasks: [{task_key: a, job_cluster_key: common-job-cluster}]",
        },
    )
    assert job(deployed).settings["job_clusters"] == [
        {
            "job_cluster_key": "common-job-cluster",
            "new_cluster": {
                "spark_version": "15.4.x-scala2.12",
                "num_workers": 1,
                "node_type_id": Lookup("node_type", None, {"min_cores": 4}),
            },
        }
    ]


def test_a_template_keeps_the_policy_of_the_level_that_declares_it(tmp_path: Path) -> None:
    """A project cannot avoid its org's policy by declaring another policy with the same name."""
    policy = "cluster_policies: {small: {definition: {}}}\n"
    deployed = mesh(
        tmp_path,
        {
            "orgs/acme/compute.yml": policy + f"job_clusters: {{etl: {{{NODE}, policy_name: small}}}}",
            f"{PROJECT}/compute.yml": policy + f"job_clusters: {{mine: {{{NODE}, policy_name: small}}}}",
            f"{FLOW}/deployment.yml": "tasks:\n"
            "- {task_key: a, job_cluster_key: etl}\n"
            "- {task_key: b, notebook_task: {notebook_path: a}, job_cluster_key: mine}\n",
        },
        env="prod",
    )
    etl, mine = (one.new_cluster["policy_id"] for one in job(deployed).templates)
    assert etl == Lookup("cluster_policy", None, {"name": "small"})
    assert mine == Lookup("cluster_policy", "small", {"name": "transport-taxinyc-small-prod"})


def test_compute_has_a_unique_name_in_a_workspace(tmp_path: Path) -> None:
    """Even if all levels declare the same name; a project's name ends with environment and identity."""
    cluster = f"clusters: {{shared: {{{NODE}}}}}"
    files = {f"{level}/compute.yml": cluster for level in ("orgs/acme", DOMAIN, PROJECT)}
    deployed = mesh(tmp_path, files)
    assert [(one.id, one.name) for one in shared(deployed).clusters] == [
        ("shared", "shared"),
        ("transport-shared", "transport-shared"),
    ]
    assert [(one.id, one.name, one.origin) for one in own(deployed).clusters] == [
        ("shared", "transport-taxinyc-shared-dev-ola@acme.example-main-5bd01c2f", f"{PROJECT}/compute.yml:1")
    ]
    assert names(own(mesh(tmp_path, files, env="prod")).clusters) == ["transport-taxinyc-shared-prod"]


def test_users_with_equal_short_names_share_no_cluster(tmp_path: Path) -> None:
    """Names of jobs and schemas contain the short user name; names of clusters contain the full one."""
    files = {f"{PROJECT}/compute.yml": f"clusters: {{shared: {{{NODE}}}}}"}
    made = [
        names(own(mesh(tmp_path, files, user=user)).clusters) for user in ("a.b@x.example", "ab@x.example")
    ]
    assert made[0] != made[1]


@pytest.mark.parametrize(
    ("levels", "made", "name"),
    [
        (("orgs/acme", DOMAIN, PROJECT), "shared", "transport-taxinyc-shared-prod"),
        (("orgs/acme", DOMAIN), None, "transport-shared"),
        (("orgs/acme",), None, "shared"),
        ((), None, "shared"),
    ],
)
def test_a_task_runs_on_the_nearest_cluster_of_a_name(
    tmp_path: Path, levels: tuple[str, ...], made: str | None, name: str
) -> None:
    """By reference if the project creates it, else by its name in the workspace, as in brickops."""
    files = {f"{level}/compute.yml": f"clusters: {{shared: {{{NODE}}}}}" for level in levels}
    files |= {f"{FLOW}/deployment.yml": "tasks: [{task_key: a, existing_cluster_name: shared}]"}
    [task] = job(mesh(tmp_path, files, env="prod")).settings["tasks"]
    assert task["existing_cluster_id"] == Lookup("cluster", made, {"name": name})
    assert "existing_cluster_name" not in task


def test_a_domains_cluster_names_the_orgs_pool_and_policy_by_reference(tmp_path: Path) -> None:
    """The foundation of the workspace creates both; here, too, the nearest declaration is used."""
    pool = "instance_pools: {warm: {node: {}, idle_instance_autotermination_minutes: 5}}\n"
    cluster = (
        "{spark_version: x, instance_pool_name: warm, policy_name: small, driver_instance_pool_name: warm}"
    )
    deployed = mesh(
        tmp_path,
        {
            "orgs/acme/compute.yml": pool + "cluster_policies: {small: {definition: {}}}",
            f"{DOMAIN}/compute.yml": pool + f"clusters: {{shared: {cluster}}}",
        },
    )
    [made] = shared(deployed).clusters
    assert made.arguments == {
        "spark_version": "x",
        "instance_pool_id": Lookup("instance_pool", "transport-warm", {"name": "transport-warm"}),
        "policy_id": Lookup("cluster_policy", "small", {"name": "small"}),
        "driver_instance_pool_id": Lookup("instance_pool", "transport-warm", {"name": "transport-warm"}),
    }


def test_fields_arrive_in_terraforms_spelling(tmp_path: Path) -> None:
    """The files use the spelling of the API; rules of a policy are JSON with sorted keys."""
    deployed = mesh(
        tmp_path,
        {
            "orgs/acme/compute.yml": "clusters: {c: {spark_version: x, node_type_id: y, "
            "libraries: [{pypi: {package: pandas}}]}}\n"
            "cluster_policies: {p: {definition: {b: {type: fixed, value: 1}, a: {}}, max_clusters_per_user: 3}}"
        },
    )
    [cluster], [policy] = shared(deployed).clusters, shared(deployed).cluster_policies
    assert cluster.arguments == {
        "spark_version": "x",
        "node_type_id": "y",
        "library": [{"pypi": {"package": "pandas"}}],
    }
    assert policy.arguments == {
        "definition": '{"a": {}, "b": {"type": "fixed", "value": 1}}',
        "max_clusters_per_user": 3,
    }


def test_the_principal_of_jobs_may_use_created_compute(tmp_path: Path) -> None:
    """In a shared deployment the principal manages the compute, because it may be the next deployer.

    In a personal deployment it only runs jobs.
    """
    environments = (
        "environments:\n"
        "  dev: {workspace: 'https://a.example', run_as: {user_name: robot@acme.example}}\n"
        "  test: {workspace: 'https://a.example', run_as: {user_name: tester@acme.example}}\n"
        "  prod: {workspace: 'https://b.example', run_as: {service_principal_name: runner}}\n"
        "service_principals: {runner: {application_id: 0b3d7a4e-8f4c-4f0f-9d65-2b1b8f3f1a11}}\n"
    )
    everything = (
        f"clusters: {{c: {{{NODE}}}}}\ncluster_policies: {{p: {{definition: {{}}}}}}\n"
        "instance_pools: {i: {node: {}, idle_instance_autotermination_minutes: 5}}\n"
        "sql_warehouses: {w: {cluster_size: Small}}\n"
    )
    files = {"orgs/acme/org.yml": environments}
    files |= {f"{level}/compute.yml": everything for level in ("orgs/acme", PROJECT)}

    def held(compute: ComputeObjects) -> dict[str, list[tuple[str, str]]]:
        return {
            kind: [(given.principal, given.level) for given in one.permissions]
            for kind, one in compute.objects
        }

    dev, prod = mesh(tmp_path, files), mesh(tmp_path, files, env="prod")
    both = ("robot@acme.example", "tester@acme.example")
    managed = {"cluster": "CAN_MANAGE", "instance_pool": "CAN_MANAGE", "sql_warehouse": "CAN_MANAGE"}
    used = {"cluster": "CAN_RESTART", "instance_pool": "CAN_ATTACH_TO", "sql_warehouse": "CAN_USE"}
    assert held(shared(dev)) == {
        kind: [(one, level) for one in both]
        for kind, level in {"cluster_policy": "CAN_USE", **managed}.items()
    }
    assert held(own(dev)) == {
        kind: [("robot@acme.example", level)] for kind, level in {"cluster_policy": "CAN_USE", **used}.items()
    }
    application = "0b3d7a4e-8f4c-4f0f-9d65-2b1b8f3f1a11"
    assert held(own(prod)) == {
        kind: [(application, level)] for kind, level in {"cluster_policy": "CAN_USE", **managed}.items()
    }
    robots_own = own(mesh(tmp_path, files, user="robot@acme.example"))
    assert [one.permissions for _, one in robots_own.objects] == [(), (), (), ()]


def test_permissions_are_declared_where_the_object_is(tmp_path: Path) -> None:
    """With their positions."""
    given = "permissions: [{group_name: analysts, permission_level: CAN_MONITOR}]"
    files = {"orgs/acme/compute.yml": f"sql_warehouses:\n  bi:\n    cluster_size: Small\n    {given}\n"}
    [warehouse] = shared(mesh(tmp_path, files)).sql_warehouses
    assert warehouse.permissions == (
        Permission("group_name", "analysts", "CAN_MONITOR", ("orgs/acme/compute.yml:4",)),
    )
    assert warehouse.origin == "orgs/acme/compute.yml:2"


def test_a_node_accepts_all_arguments_of_the_data_source() -> None:
    """Its fields are the data source's arguments."""
    of_constructs = {"scope", "id_", "id", "self", "provider_config"}
    of_terraform = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"}
    arguments = set(
        signature(databricks.data_databricks_node_type.DataDatabricksNodeType.__init__).parameters
    )
    assert set(NodeFile.model_fields) == arguments - of_constructs - of_terraform


def test_a_node_is_shown_with_its_requirements() -> None:
    """`mesh show` does not know the id."""
    assert (
        str(NodeFile(min_cores=4, local_disk=True).lookup)
        == "smallest node type with min_cores 4, local_disk True"
    )
    assert str(NodeFile().lookup) == "smallest node type"
    assert str(Lookup("cluster", None, {"name": "shared"})) == "id of cluster shared"


@pytest.mark.parametrize(
    ("compute", "code"),
    [
        (f"job_clusters: {{a: {{{NODE}, num_wokers: 1}}}}", "unknown-field"),
        ("job_clusters: {a: {spark_version: x, node: {cores: 4}}}", "unknown-field"),
        ("job_clusters: {a: {spark_version: x, node: {min_cores: four}}}", "wrong-type"),
        (f"job_clusters: {{a: {{{NODE}, node_type_id: x}}}}", "conflicting-fields"),
        (f"job_clusters: {{a: {{{NODE}, instance_pool_name: x}}}}", "conflicting-fields"),
        (f"job_clusters: {{a: {{{NODE}, driver_node: {{}}, driver_node_type_id: x}}}}", "conflicting-fields"),
        (f"job_clusters: {{a: {{{NODE}, policy_name: x, policy_id: y}}}}", "conflicting-fields"),
        (f"job_clusters: {{a: {{{NODE}, autoscale: {{min_workers: 1}}}}}}", "conflicting-fields"),
        ("job_clusters: {a: {spark_version: x}}", "without-node"),
        (f"job_clusters: {{a: {{{NODE}, permissions: []}}}}", "unknown-field"),
        (f"job_clusters: {{'a b': {{{NODE}}}}}", "bad-name"),
        (f"job_clusters: {{{'a' * 100}: {{{NODE}}}}}", "name-too-long"),
        ("clusters: {a: {node: {}}}", "missing-field"),
        (f"clusters: {{a: {{{NODE}, cluster_name: b}}}}", "name-given"),
        (
            f"clusters: {{a: {{{NODE}, docker_image: {{url: x, basic_auth: {{username: a, password: b}}}}}}}}",
            "secret-in-yaml",
        ),
        (f"clusters: {{a: {{{NODE}, spark_env_vars: {{API_TOKEN: plain}}}}}}", "secret-in-yaml"),
        (
            f"clusters: {{a: {{{NODE}, permissions: [{{group_name: x, permission_level: CAN_USE}}]}}}}",
            "permission-not-there",
        ),
        (
            f"clusters: {{a: {{{NODE}, permissions: [{{group_name: x, permission_level: CAN_SEE}}]}}}}",
            "unknown-permission-level",
        ),
        ("cluster_policies: {a: {description: x}}", "policy-without-rules"),
        ("cluster_policies: {a: {definition: {}, policy_family_id: x}}", "policy-without-rules"),
        ("cluster_policies: {a: {definition: text}}", "wrong-type"),
        ("instance_pools: {a: {idle_instance_autotermination_minutes: 5}}", "without-node"),
        (
            "instance_pools: {a: {node: {}, node_type_id: x, idle_instance_autotermination_minutes: 5}}",
            "conflicting-fields",
        ),
        ("sql_warehouses: {a: {cluster_size: Small, auto_stop_mins: soon}}", "wrong-type"),
        (f"clusters: {{1a: {{{NODE}}}, _1a: {{{NODE}}}}}", "same-terraform-name"),
        (f"clusters: {{transport-a: {{{NODE}}}}}", "same-terraform-name"),
        (f"clusters: {{{'a' * 100}: {{{NODE}}}}}", "name-too-long"),
        (f"clusters: {{transport-taxinyc-b-prod: {{{NODE}}}}}", "made-twice"),
    ],
)
def test_all_errors_of_compute_are_findings(tmp_path: Path, compute: str, code: str) -> None:
    """One finding each, with a separate code."""
    around = {f"{DOMAIN}/compute.yml": f"clusters: {{a: {{{NODE}}}}}"} if "transport-a" in compute else {}
    around |= {f"{PROJECT}/compute.yml": f"clusters: {{b: {{{NODE}}}}}"}
    assert codes(tmp_path, {"orgs/acme/compute.yml": compute, **around}, env="prod") == [code]


def test_references_to_databricks_secrets_are_allowed(tmp_path: Path) -> None:
    """`{{secrets/scope/key}}` keeps a secret out of files."""
    variables = 'spark_env_vars: {API_TOKEN: "{{secrets/acme/api}}"}'
    files = {"orgs/acme/compute.yml": f"clusters: {{a: {{{NODE}, {variables}}}}}"}
    [cluster] = shared(mesh(tmp_path, files)).clusters
    assert cluster.arguments["spark_env_vars"] == {"API_TOKEN": "{{secrets/acme/api}}"}


def test_two_orgs_in_one_workspace_may_not_create_clusters_with_one_name(tmp_path: Path) -> None:
    """Each org has its own state and would overwrite the cluster of the other."""
    files = {f"orgs/{org}/compute.yml": f"clusters: {{a: {{{NODE}}}}}" for org in ("acme", "globex")}
    assert codes(tmp_path, files) == ["made-twice"]
    environments = "environments: {dev: {workspace: 'https://globex.example'}}"
    deployed = mesh(tmp_path, {**files, "orgs/globex/org.yml": environments})
    assert [
        names(one.compute.clusters) for one in deployed.foundations if isinstance(one, WorkspaceFoundation)
    ] == [
        ["a"],
        ["a"],
    ]


def test_a_project_without_compute_creates_no_foundation(tmp_path: Path) -> None:
    """And no compute."""
    deployed = mesh(tmp_path, {})
    made: list[Any] = [
        value for field in fields(own(deployed)) for value in getattr(own(deployed), field.name)
    ]
    assert made == []
    assert not any(isinstance(one, WorkspaceFoundation) for one in deployed.foundations)


def test_examples_of_the_documentation_are_valid(tmp_path: Path) -> None:
    """Each example is read as the compute.yml of an org."""
    text = (Path(__file__).parents[3] / "docs" / "compute.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    files = {"orgs/acme/compute.yml": "".join(examples)}
    made = shared(mesh(tmp_path, files))
    assert sorted(f"{kind} {one.name}" for kind, one in made.objects) == [
        "cluster shared",
        "cluster_policy small-jobs",
        "instance_pool warm",
        "sql_warehouse bi",
    ]
