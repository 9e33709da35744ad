"""One org has one foundation per metastore, whichever environment deploys it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.deployment.foundation import Foundation, foundation
from mesh.model.org import Org
from tests.mesh.conftest import RUN_AS, Deployed, Findings

ORG = "orgs/acme/org.yml"
SHARED = (
    "environments:\n"
    "  dev: {metastore: eu}\n"
    f"  prod: {{metastore: eu, run_as: {{service_principal_name: {RUN_AS}}}}}\n"
)
STORAGE = (
    "storage_credentials:\n"
    "  lake: {aws_iam_role: {role_arn: 'arn:aws:iam::123456789012:role/lake'}}\n"
    "external_locations:\n"
    "  raw: {url: 's3://raw', storage_credential: lake}\n"
    "  old: {url: 's3://old', storage_credential: elsewhere}\n"
)


def org_of(deployed: Deployed, text: str, env: str = "prod") -> Org:
    """The only org, in an environment."""
    [scope] = deployed({ORG: text}, env).scopes
    return scope.org


def test_environments_of_one_metastore_have_the_same_foundation(deployed: Deployed) -> None:
    org = org_of(deployed, SHARED)
    dev, prod = (foundation(org, org.environments[env]) for env in ("dev", "prod"))

    assert dev != prod
    assert replace(dev, environment=prod.environment) == prod
    assert (prod.stack, prod.state_key) == ("acme-foundation-eu", "acme/foundation/eu")


def test_the_principal_of_production_manages_the_foundation(deployed: Deployed) -> None:
    org = org_of(deployed, SHARED)

    assert foundation(org, org.environments["dev"]).managed_by == (RUN_AS,)


def test_without_a_principal_of_production_the_deployer_manages_the_foundation(deployed: Deployed) -> None:
    org = org_of(deployed, "environments: {dev: {metastore: eu, run_as: {user_name: a@b.example}}}", "dev")

    assert foundation(org, org.environments["dev"]).managed_by == ()


def test_a_location_refers_to_the_credential_only_if_the_org_declares_it(deployed: Deployed) -> None:
    org = org_of(deployed, "owner: platform\ngroups: {platform: {}}\n" + STORAGE)
    built = foundation(org, org.environments["prod"])

    assert [(one.name, one.credential_id) for one in built.external_locations] == [
        ("old", None),
        ("raw", "lake"),
    ]
    [credential] = built.storage_credentials
    assert (credential.id, credential.owner, credential.protected) == ("lake", "platform", True)


def test_the_principal_of_production_gets_grants_on_storage(deployed: Deployed) -> None:
    org = org_of(deployed, SHARED + STORAGE)
    built: Foundation = foundation(org, org.environments["prod"])

    grants = [one.grants for one in built.storage_credentials] + [
        one.grants for one in built.external_locations
    ]
    assert [[grant.principal for grant in granted] for granted in grants] == [[RUN_AS]] * 3


def test_a_metastore_with_two_backends_needs_one_of_its_own(deployed: Deployed, findings: Findings) -> None:
    apart = (
        "environments:\n"
        "  dev: {metastore: eu, backend: {local: {path: one}}}\n"
        "  test: {metastore: eu, backend: {local: {path: two}}}\n"
    )
    [wrong] = findings({ORG: apart}, "test")
    assert wrong.startswith("metastore-without-backend: ")

    org = org_of(deployed, apart + "metastores: {eu: {backend: {local: {path: three}}}}\n", "test")
    paths = {str(foundation(org, org.environments[env]).backend.arguments["path"]) for env in ("dev", "test")}
    assert len(paths) == 1
    assert paths.pop().startswith("three")


@pytest.mark.parametrize(
    ("env", "state_key"), [("dev", "acme/foundation/eu"), ("test", "acme/foundation/us")]
)
def test_an_environment_on_another_metastore_has_another_state(
    deployed: Deployed, env: str, state_key: str
) -> None:
    org = org_of(deployed, "environments: {dev: {metastore: eu}, test: {metastore: us}}", env)

    assert foundation(org, org.environments[env]).state_key == state_key


def test_a_catalog_is_protected_if_one_of_its_environments_is(deployed: Deployed) -> None:
    """Also if the environment on this machine, where nothing is protected, is deployed."""
    org = org_of(
        deployed,
        "environments:\n"
        "  dev: {workspace: local, metastore: local}\n"
        f"  prod: {{workspace: local, metastore: local, run_as: {{service_principal_name: {RUN_AS}}}}}\n"
        "  test: {workspace: local, metastore: other}\n",
        "dev",
    )
    made = {env: foundation(org, org.environments[env]) for env in ("local", "dev", "prod", "test")}

    assert {env: [one.protected for one in made[env].catalogs] for env in made} == {
        "local": [True],
        "dev": [True],
        "prod": [True],
        "test": [False],
    }
    assert {env: one.owning_environment.name for env, one in made.items()} == {
        "local": "prod",
        "dev": "prod",
        "prod": "prod",
        "test": "test",
    }
