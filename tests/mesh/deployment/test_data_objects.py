"""Data objects: volumes, models, catalogs, storage, and the data that a flow reads."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, PROJECT, Deployed, Findings

ORG = "orgs/acme/org.yml"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
OTHER = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
STORAGE = (
    "owner: platform-team\n"
    "storage_credentials: {lake: {aws_iam_role: {role_arn: 'arn:aws:iam::1:role/lake'}}}\n"
    "external_locations: {drop: {url: 's3://acme-drop/', storage_credential: lake, "
    "grants: [{principal: taxi-team, privileges: [READ_FILES]}]}}\n"
)


def test_an_external_volume_is_in_a_location_of_the_org(deployed: Deployed) -> None:
    """A personal deployment has a personal folder."""
    files = {
        ORG: STORAGE,
        f"{PROJECT}/project.yml": "volumes: {drop: {schema: revenue, external_location: drop, path: trips}}",
    }
    [prod] = deployed(files).deployments[0].volumes
    assert prod.storage_location == "s3://acme-drop/trips"
    [own] = deployed(files, "dev").deployments[0].volumes
    assert own.storage_location == "s3://acme-drop/dev/ola@acme.example/main/cccccccc/trips"
    foundation = deployed(files).foundations[0]
    assert [(one.name, one.owner, one.cloud) for one in foundation.storage_credentials] == [
        ("lake", "platform-team", "aws_iam_role")
    ]
    [location] = foundation.external_locations
    assert (location.credential_id, [grant.principal for grant in location.grants]) == ("lake", ["taxi-team"])


def test_names_that_differ_only_in_case_are_one_error(findings: Findings) -> None:
    """Unity Catalog ignores case; objects in the missing schema are not reported as well."""
    files = {
        f"{PROJECT}/flows/ml/Revenue/deployment.yml": TASKS,
        f"{PROJECT}/flows/ml/Revenue/a.py": "",
        f"{PROJECT}/project.yml": (
            "volumes: {landing: {schema: revenue}}\nregistered_models: {tips: {schema: revenue}}"
        ),
    }
    assert findings(files) == [
        f"schema-made-twice: schema `transport.revenue` is also created by {PROJECT}/flows/ml/Revenue/deployment.yml "
        "(choose another name in `schemas`)"
    ]


def test_a_flow_or_project_uses_one_spelling_of_a_name(findings: Findings) -> None:
    files = {
        f"{FLOW}/deployment.yml": TASKS + "schemas: [trips]",
        f"{PROJECT}/project.yml": (
            "volumes: {raw: {schema: trips}, Raw: {schema: trips}}\n"
            "registered_models: {tips: {schema: trips}, TIPS: {schema: trips}}"
        ),
    }
    upper = "in Unity Catalog, which ignores case (rename one)"
    assert findings(files) == [
        f"one-name-twice: volume `raw` equals `Raw` {upper}",
        f"one-name-twice: registered model `tips` equals `TIPS` {upper}",
    ]


def test_names_of_data_are_in_lower_case_and_terraform_names_are_not(deployed: Deployed) -> None:
    """Unity Catalog stores lower case; data that was deployed with capitals keeps its address in the state."""
    flow = f"{PROJECT}/flows/ml/Fares"
    files = {
        f"{flow}/deployment.yml": TASKS + "schemas: [Fares]\nreads: {Trips: prep/revenue}\n",
        f"{flow}/a.py": "",
        f"{PROJECT}/project.yml": (
            "volumes: {Landing: {schema: Fares}}\nregistered_models: {Tips: {schema: Fares}}"
        ),
        ".brickopscfg/config.yml": 'naming: {catalog: {other: "{org}_Data"}, db: {other: "{env}_{username}_{db}"}}',
    }
    mesh = deployed(files, "dev")
    [catalog] = mesh.foundations[0].catalogs
    [deployment] = mesh.deployments
    [schema] = deployment.flows[0].schemas
    job = deployment.flows[0].job
    assert job is not None
    parameters = {one["name"]: one["default"] for one in job.settings["parameters"]}
    assert (catalog.name, catalog.id) == ("acme_data", "acme_Data")
    assert (schema.full_name, schema.id) == ("acme_data.dev_ola_fares", "ml_Fares")
    assert [(one.full_name, one.id, one.declared_name) for one in deployment.volumes] == [
        ("acme_data.dev_ola_fares.landing", "ml_Fares_Landing", "Landing")
    ]
    assert [one.full_name for one in deployment.registered_models] == ["acme_data.dev_ola_fares.tips"]
    assert (parameters["catalog"], parameters["schema"]) == ("acme_data", "dev_ola_fares")
    assert parameters["Trips_schema"] == "dev_ola_revenue"


def test_a_level_may_set_fields_of_its_catalog(deployed: Deployed) -> None:
    domain = (
        "description: Moves\nowner: transport-team\n"
        "catalog: {comment: All that moves, owner: data-team, isolation_mode: ISOLATED, "
        "workspaces: {'123': READ_ONLY}, storage_root: 's3://acme/transport', properties: {tier: gold}}\n"
    )
    [catalog] = deployed({"orgs/acme/domains/transport/domain.yml": domain}).foundations[0].catalogs
    assert (catalog.comment, catalog.owner, catalog.isolation_mode) == (
        "All that moves",
        "data-team",
        "ISOLATED",
    )
    assert catalog.workspaces == {"123": "READ_ONLY"}
    assert catalog.properties == {"tier": "gold", "datamesh.deployment": "acme/foundation/main"}


def test_a_job_gets_the_location_of_the_data_that_it_reads(deployed: Deployed) -> None:
    """In prod, of the shared table; elsewhere, of the personal table."""
    files = {
        f"{OTHER}/deployment.yml": "reads: {revenue: taxinyc/prep/revenue}\n" + TASKS,
        f"{OTHER}/a.py": "",
    }
    told = {}
    for env in ("prod", "dev"):
        job = deployed(files, env).flow("costs/prep/monthly").job
        assert job is not None
        told[env] = {
            one["name"]: one["default"] for one in job.settings["parameters"] if "revenue" in one["name"]
        }
    assert told == {
        "prod": {"revenue_catalog": "transport", "revenue_schema": "revenue"},
        "dev": {"revenue_catalog": "transport", "revenue_schema": "dev_ola_main_cccccccc_revenue"},
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {f"{FLOW}/deployment.yml": "reads: {x: taxinyc/prep/revenu}\n" + TASKS},
            "unknown-flow: flow `taxinyc/prep/revenu` is not in the mesh (did you mean `acme/transport/taxinyc/prep/revenue`?)",
        ),
        (
            {f"{PROJECT}/project.yml": "volumes: {v: {schema: revenue, external_location: drop}}"},
            "unknown-external-location: external location `drop` is not in org.yml (locations: none yet)",
        ),
        (
            {
                ORG: STORAGE,
                f"{PROJECT}/project.yml": "volumes: {v: {schema: revenue, external_location: drop, path: a/../../b}}",
            },
            "bad-location: `a/../../b` may not contain `..` (write the resolved path)",
        ),
        (
            {f"{PROJECT}/project.yml": "volumes: {v: {schema: revenue, storage_location: 'file:///etc'}}"},
            "wrong-value: `storage_location` is `file:///etc`: should match `^(s3|abfss|gs|r2)://.+$`",
        ),
        (
            {f"{PROJECT}/project.yml": "volumes: {v: {schema: revenue, path: x}}"},
            "path-without-location: volume `v` has a path, but no external_location (add it)",
        ),
        (
            {f"{PROJECT}/project.yml": "registered_models: {m: {schema: models}}"},
            "unknown-schema: schema `models` of registered model `m` belongs to no flow (schemas: revenue)",
        ),
        (
            {ORG: "storage_credentials: {lake: {comment: no cloud}}"},
            "storage-credential-cloud: storage credential `lake` needs one of aws_iam_role, "
            "azure_managed_identity, databricks_gcp_service_account (it has 0)",
        ),
        (
            {ORG: "catalog: {comment: of no use}"},
            "no-catalog-here: `catalog` is set on a level without a catalog "
            "(naming.catalog decides which levels have a catalog)",
        ),
    ],
)
def test_objects_that_cannot_be_created_are_reported(
    findings: Findings, files: dict[str, str], expected: str
) -> None:
    assert expected in findings(files)
