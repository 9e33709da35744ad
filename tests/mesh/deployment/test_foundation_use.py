"""What deployments use of a foundation: it must exist before they are deployed."""

from __future__ import annotations

from mesh.deployment.foundation import Foundation
from mesh.deployment.foundation_use import needed
from mesh.mesh import MeshDeployment
from tests.mesh.conftest import FLOW, PROJECT, Deployed

ORG = "orgs/acme/org.yml"
COSTS = "orgs/acme/domains/finance/projects/costs"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
CLUSTER = "{spark_version: 15.4.x-scala2.12, node_type_id: x, num_workers: 1"
ROBOT = "7f1c0d6e-0000-4000-8000-000000000002"
OTHERS = {f"{COSTS}/flows/prep/monthly/deployment.yml": TASKS, f"{COSTS}/flows/prep/monthly/a.py": ""}
PRINCIPALS = (
    "groups: {riders: {make: true}, drivers: {make: true}, accountants: {}}\n"
    "users: {ada@acme.example: {make: true}, bo@acme.example: {make: true}}\n"
    f"service_principals: {{robot: {{make: true, application_id: {ROBOT}}}, other: {{make: true}}}}\n"
)


def used(mesh: MeshDeployment, project: str, *, of_metastore: bool) -> list[tuple[str, str]]:
    """The objects that one project needs of a foundation, as type and name."""
    [foundation] = [one for one in mesh.foundations if isinstance(one, Foundation) == of_metastore]
    chosen = [one for one in mesh.deployments if one.project == project]
    return [(one.type, one.name) for one in needed(foundation, chosen)]


def test_a_project_needs_the_catalogs_of_its_schemas(deployed: Deployed) -> None:
    """Catalogs of other projects need not exist."""
    mesh = deployed(OTHERS, "dev")

    assert len({catalog.name for one in mesh.foundations for catalog in one.catalogs}) == 2  # type: ignore[union-attr]
    assert used(mesh, "taxinyc", of_metastore=True) == [("databricks_catalog", "transport")]


def test_a_project_without_schemas_needs_no_catalog(deployed: Deployed) -> None:
    mesh = deployed(OTHERS | {f"{FLOW}/deployment.yml": f"schemas: []\n{TASKS}"}, "dev")

    assert used(mesh, "taxinyc", of_metastore=True) == []


def test_a_project_needs_the_external_locations_of_its_data(deployed: Deployed) -> None:
    """A location with a longer name is another one."""
    files = {
        ORG: "storage_credentials: {lake: {aws_iam_role: {role_arn: 'arn:aws:iam::1:role/lake'}}}\n"
        "external_locations:\n"
        "  drop: {url: 's3://drop/', storage_credential: lake}\n"
        "  drops: {url: 's3://drop/tri', storage_credential: lake}\n"
        "  roots: {url: 's3://roots', storage_credential: lake}\n"
        "  unused: {url: 's3://unused', storage_credential: lake}\n",
        f"{FLOW}/deployment.yml": f"schemas: {{trips: {{storage_root: 's3://roots'}}}}\n{TASKS}",
        f"{PROJECT}/project.yml": "volumes: {raw: {schema: trips, storage_location: 's3://drop/trips'}}",
    }

    assert used(deployed(files, "dev"), "taxinyc", of_metastore=True) == [
        ("databricks_catalog", "transport"),
        ("databricks_external_location", "drop"),
        ("databricks_external_location", "roots"),
    ]


def test_a_project_needs_the_compute_that_its_jobs_and_its_own_compute_refer_to(deployed: Deployed) -> None:
    """By the name in the workspace; objects that the project creates or that nobody declares are not needed."""
    shared = "cluster_policies: {small: {definition: {}}, unused: {definition: {}}}\n"
    files = {
        "orgs/acme/compute.yml": shared
        + "instance_pools: {pool: {node_type_id: x, idle_instance_autotermination_minutes: 10}}\n"
        "sql_warehouses: {bi: {cluster_size: Small}}\n",
        "orgs/acme/domains/transport/compute.yml": f"clusters: {{etl: {CLUSTER}}}}}\n{shared}",
        f"{PROJECT}/compute.yml": "clusters: {own: {spark_version: x, num_workers: 1, instance_pool_name: pool}}",
        f"{FLOW}/deployment.yml": "tasks:\n"
        "- {task_key: a, existing_cluster_name: etl, notebook_task: {notebook_path: a}}\n"
        "- {task_key: b, existing_cluster_name: own, notebook_task: {notebook_path: a}}\n"
        "- {task_key: c, existing_cluster_name: by hand, notebook_task: {notebook_path: a}}\n"
        "- {task_key: d, job_cluster_key: e, notebook_task: {notebook_path: a}}\n"
        "job_clusters:\n"
        f"- {{job_cluster_key: e, new_cluster: {CLUSTER}, policy_name: small}}}}\n",
    }

    assert used(deployed(OTHERS | files, "dev"), "taxinyc", of_metastore=False) == [
        ("databricks_cluster", "transport-etl"),
        ("databricks_cluster_policy", "transport-small"),
        ("databricks_instance_pool", "pool"),
    ]


def test_a_project_needs_the_principals_that_it_gives_rights_or_runs_as(deployed: Deployed) -> None:
    """Principals of the account are not created by the foundation."""
    files = {
        ORG: PRINCIPALS,
        f"{FLOW}/deployment.yml": "run_as: {service_principal_name: robot}\n"
        "permissions: [{group_name: riders, permission_level: CAN_VIEW}]\n"
        "grants: [{principal: Ada@acme.example, privileges: [SELECT]}, "
        "{principal: accountants, privileges: [SELECT]}]\n" + TASKS,
    }
    mesh = deployed(OTHERS | files, "dev")

    assert used(mesh, "taxinyc", of_metastore=False) == [
        ("databricks_group", "riders"),
        ("databricks_service_principal", ROBOT),
        ("databricks_user", "ada@acme.example"),
    ]
    assert used(mesh, "costs", of_metastore=False) == []


def test_deployments_of_another_org_use_nothing(deployed: Deployed) -> None:
    globex = "orgs/globex/domains/transport/projects/taxinyc/flows/prep/revenue"
    naming = "naming: {catalog: {other: '{org}'}, db: {other: '{env}_{username}_{org}_{db}'}}"
    files = {
        ".brickopscfg/config.yml": naming,
        f"{globex}/deployment.yml": TASKS,
        f"{globex}/a.py": "",
    }
    mesh = deployed(files, "dev")
    ours, theirs = mesh.foundations

    assert [(one.name) for one in needed(ours, mesh.deployments)] == ["acme"]
    assert [(one.name) for one in needed(theirs, mesh.deployments)] == ["globex"]
