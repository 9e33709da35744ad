"""Roles, and grants on single schemas, volumes and models."""

from __future__ import annotations

import pytest

from mesh.mesh import MeshDeployment
from tests.mesh.conftest import FLOW, ONE_FLOW, PROJECT, Deployed, Findings

NAMING = ".brickopscfg/config.yml"
PER_PROJECT = 'naming: {catalog: {prod: "{org}_{project}", other: "{org}_{project}"}}'


def granted(mesh: MeshDeployment) -> dict[str, dict[str, str]]:
    """Privileges by securable and principal."""
    [deployment] = mesh.deployments
    things = [*mesh.foundations[0].catalogs, *deployment.schemas]
    securables = [(thing.name, thing.grants) for thing in things]
    securables += [(f"volume {one.name}", one.grants) for one in deployment.volumes]
    securables += [(f"model {one.name}", one.grants) for one in deployment.registered_models]
    return {
        name: {one.principal: " ".join(one.privileges) for one in grants}
        for name, grants in securables
        if grants
    }


def test_a_role_is_expanded_to_the_privileges_of_each_securable(deployed: Deployed) -> None:
    mesh = deployed(
        {
            "orgs/acme/domains/transport/domain.yml": "grants: [{principal: analysts, role: reader}]",
            f"{FLOW}/deployment.yml": (
                "grants: [{principal: press, role: reader}]\ntasks: [{task_key: a, serverless: true}]"
            ),
        }
    )
    assert granted(mesh) == {
        "transport": {
            "analysts": "EXECUTE READ_VOLUME SELECT USE_CATALOG USE_SCHEMA",
            "press": "USE_CATALOG",
        },
        "revenue": {"press": "EXECUTE READ_VOLUME SELECT USE_SCHEMA"},
    }


def test_an_org_adds_roles_and_changes_the_built_in_ones(deployed: Deployed) -> None:
    """`reader` has the privileges that the org declares."""
    mesh = deployed(
        {
            "orgs/acme/org.yml": (
                "roles:\n"
                "  reader: {catalog: [USE_CATALOG], schema: [USE_SCHEMA, SELECT]}\n"
                "  loader: {volume: [WRITE_VOLUME]}\n"
                "grants:\n- {principal: analysts, role: reader}\n- {principal: robots, role: loader}\n"
            )
        }
    )
    assert granted(mesh) == {
        "transport": {"analysts": "SELECT USE_CATALOG USE_SCHEMA", "robots": "WRITE_VOLUME"},
    }


def test_a_grant_for_one_schema_includes_use_of_its_catalog(deployed: Deployed) -> None:
    mesh = deployed(
        {
            NAMING: PER_PROJECT,
            f"{PROJECT}/project.yml": "grants: [{principal: finance, role: reader, schema: tips}]",
            f"{FLOW}/deployment.yml": "schemas: [revenue, tips]\ntasks: [{task_key: a, serverless: true}]",
        }
    )
    assert granted(mesh) == {
        "acme_taxinyc": {"finance": "USE_CATALOG"},
        "tips": {"finance": "EXECUTE READ_VOLUME SELECT USE_SCHEMA"},
    }


def test_a_grant_on_a_volume_or_model_opens_no_table_beside_it(deployed: Deployed) -> None:
    mesh = deployed(
        {
            f"{PROJECT}/project.yml": (
                "grants: [{principal: finance, role: reader, volume: landing}]\n"
                "volumes: {landing: {schema: revenue, grants: [{principal: press, role: reader}]}}\n"
                "registered_models:\n"
                "  taximodel: {schema: revenue, grants: [{principal: ml, privileges: [EXECUTE, USE_SCHEMA]}]}\n"
            )
        }
    )
    assert granted(mesh) == {
        "transport": {"finance": "USE_CATALOG", "press": "USE_CATALOG"},
        "revenue": {"finance": "USE_SCHEMA", "ml": "USE_SCHEMA", "press": "USE_SCHEMA"},
        "volume landing": {"finance": "READ_VOLUME", "press": "READ_VOLUME"},
        "model taximodel": {"ml": "EXECUTE"},
    }


def test_the_owner_of_a_schema_or_volume_may_not_create_schemas(deployed: Deployed) -> None:
    mesh = deployed(
        {
            **ONE_FLOW,
            f"{PROJECT}/project.yml": (
                "volumes: {landing: {schema: revenue}}\n"
                "grants: [{principal: a, role: owner, schema: revenue}, "
                "{principal: b, role: owner, volume: landing}]"
            ),
        }
    )
    assert granted(mesh)["transport"] == {"a": "USE_CATALOG", "b": "USE_CATALOG"}


def test_a_schema_may_declare_more_than_its_name(deployed: Deployed) -> None:
    mesh = deployed(
        {
            f"{FLOW}/deployment.yml": (
                "description: What taxis earn\nowner: taxi-team\n"
                "schemas:\n"
                "  revenue: {}\n"
                "  tips: {comment: What passengers add, owner: tips-team, properties: {tier: gold},\n"
                "         storage_root: 's3://acme/tips', grants: [{principal: press, privileges: [SELECT]}]}\n"
                "tasks: [{task_key: a, serverless: true}]\n"
            )
        }
    )
    revenue, tips = mesh.deployments[0].schemas
    assert (revenue.comment, revenue.owner, revenue.grants) == ("What taxis earn", "taxi-team", ())
    assert (tips.id, tips.comment, tips.owner, tips.storage_root) == (
        "prep_revenue_tips",
        "What passengers add",
        "tips-team",
        "s3://acme/tips",
    )
    assert tips.properties == {"tier": "gold", "datamesh.deployment": "acme/transport/taxinyc/prod"}
    assert [(grant.principal, grant.privileges) for grant in tips.grants] == [("press", ("SELECT",))]


def test_grants_have_their_origins(deployed: Deployed) -> None:
    """The grants of one principal may come from several files."""
    mesh = deployed(
        {
            "orgs/acme/org.yml": "description: Acme\ngrants:\n- {principal: press, role: reader}\n",
            "orgs/acme/domains/transport/domain.yml": "grants: [{principal: press, privileges: [BROWSE]}]",
        }
    )
    [grant] = mesh.foundations[0].catalogs[0].grants
    assert grant.origins == (
        "role reader, orgs/acme/org.yml:3",
        "orgs/acme/domains/transport/domain.yml:1",
    )


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            f"{PROJECT}/project.yml",
            "grants: [{principal: a, role: raeder}]",
            "unknown-role: role `raeder` is not defined (did you mean `reader`?)",
        ),
        (
            f"{PROJECT}/project.yml",
            "grants: [{principal: a}]",
            "role-or-privileges: a grant to `a` needs a role or privileges (one of the two)",
        ),
        (
            f"{PROJECT}/project.yml",
            "grants: [{principal: a, role: reader, privileges: [SELECT]}]",
            "role-or-privileges: a grant to `a` needs a role or privileges (one of the two)",
        ),
        (
            f"{PROJECT}/project.yml",
            "grants: [{principal: a, role: reader, schema: tips}]",
            "unknown-schema: schema `tips` of a grant is not declared here (schemas: revenue)",
        ),
        (
            f"{PROJECT}/project.yml",
            "volumes: {landing: {schema: revenue, grants: [{principal: a, privileges: [SELECT]}]}}",
            "privilege-not-there: `SELECT` cannot be granted on a volume "
            "(privileges: ALL_PRIVILEGES, APPLY_TAG, MANAGE, READ_VOLUME, WRITE_VOLUME)",
        ),
        (
            "orgs/acme/org.yml",
            "grants: [{principal: a, privileges: [READ_FILES]}]",
            "privilege-not-there: `READ_FILES` cannot be granted on a data object (privileges: "
            "ALL_PRIVILEGES, APPLY_TAG, BROWSE, CREATE_FUNCTION, CREATE_MATERIALIZED_VIEW, CREATE_MODEL, "
            "CREATE_MODEL_VERSION, CREATE_SCHEMA, CREATE_TABLE, CREATE_VOLUME, EXECUTE, EXTERNAL_USE_SCHEMA, "
            "MANAGE, MODIFY, READ_VOLUME, REFRESH, SELECT, USE_CATALOG, USE_SCHEMA, WRITE_VOLUME)",
        ),
        (
            f"{PROJECT}/project.yml",
            "volumes: {landing: {schema: revenue}}\n"
            "grants: [{principal: a, privileges: [SELECT], volume: landing}]",
            "privilege-not-there: `SELECT` cannot be granted on a volume "
            "(privileges: ALL_PRIVILEGES, APPLY_TAG, MANAGE, READ_VOLUME, WRITE_VOLUME)",
        ),
        (
            f"{FLOW}/deployment.yml",
            "grants: [{principal: a, privileges: [BROWSE], schema: revenue}]\n"
            "tasks: [{task_key: a, serverless: true}]",
            "privilege-not-there: `BROWSE` cannot be granted on a schema (privileges: ALL_PRIVILEGES, "
            "APPLY_TAG, CREATE_FUNCTION, CREATE_MATERIALIZED_VIEW, CREATE_MODEL, CREATE_MODEL_VERSION, "
            "CREATE_TABLE, CREATE_VOLUME, EXECUTE, EXTERNAL_USE_SCHEMA, MANAGE, MODIFY, READ_VOLUME, REFRESH, "
            "SELECT, USE_SCHEMA, WRITE_VOLUME)",
        ),
        (
            "orgs/acme/org.yml",
            "storage_credentials: {lake: {aws_iam_role: {role_arn: a}, grants: [{principal: a, role: reader}]}}",
            "role-not-there: role `reader` has no privilege that can be granted on a storage credential "
            "(privileges: ALL_PRIVILEGES, CREATE_EXTERNAL_LOCATION, CREATE_EXTERNAL_TABLE, MANAGE, READ_FILES, "
            "WRITE_FILES)",
        ),
        (
            "orgs/acme/org.yml",
            "roles: {loader: {volume: [SELECT]}}",
            "privilege-not-there: `SELECT` cannot be granted on a volume "
            "(privileges: ALL_PRIVILEGES, APPLY_TAG, MANAGE, READ_VOLUME, WRITE_VOLUME)",
        ),
        (
            "orgs/acme/domains/transport/domain.yml",
            "grants: [{principal: a, role: reader, schema: revenue}]",
            "unknown-field: unknown field `schema` in grants (fields: principal, privileges, role)",
        ),
    ],
)
def test_an_impossible_grant_is_a_finding(findings: Findings, file: str, text: str, expected: str) -> None:
    assert findings({**ONE_FLOW, file: text}) == [expected]
