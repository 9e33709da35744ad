"""One org has one foundation per workspace, if files declare shared objects."""

from __future__ import annotations

import pytest

from mesh.deployment.workspace_foundation import (
    WorkspaceFoundation,
    check_workspace_foundation,
    workspace_foundation,
)
from mesh.model.org import Org
from tests.mesh.conftest import Deployed

ORG = "orgs/acme/org.yml"
CLUSTER = "{spark_version: 15.4.x-scala2.12, node_type_id: x, num_workers: 1}"
ENVIRONMENTS = (
    "groups: {}\n"
    "environments:\n"
    "  dev: {workspace: 'https://a.example'}\n"
    "  test: {workspace: 'https://a.example'}\n"
    "  staging: {workspace: 'https://b.example'}\n"
)


def org_of(deployed: Deployed, files: dict[str, str]) -> Org:
    """The only org, in development."""
    [scope] = deployed(files, "dev").scopes
    return scope.org


def built(org: Org, env: str) -> WorkspaceFoundation:
    """The foundation of an environment's workspace."""
    made = workspace_foundation(org, org.environments[env])
    assert made is not None
    return made


def test_without_shared_objects_there_is_no_foundation(deployed: Deployed) -> None:
    org = org_of(deployed, {ORG: "owner: x\n"})

    assert workspace_foundation(org, org.environments["dev"]) is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (ORG, "groups: {}"),
        (ORG, "users: {}"),
        (ORG, "service_principals: {}"),
        ("orgs/acme/compute.yml", ""),
        ("orgs/acme/domains/transport/compute.yml", ""),
    ],
)
def test_an_empty_declaration_keeps_the_foundation_so_that_it_destroys_old_objects(
    deployed: Deployed, file: str, text: str
) -> None:
    made = built(org_of(deployed, {file: text}), "dev")

    assert (made.groups, made.users, made.service_principals) == ((), (), ())
    assert list(made.compute.objects) == []


def test_environments_of_one_workspace_share_the_state_of_the_first(deployed: Deployed) -> None:
    org = org_of(deployed, {ORG: ENVIRONMENTS})

    assert {env: built(org, env).state_key for env in ("dev", "test", "staging")} == {
        "dev": "acme/workspace/dev",
        "test": "acme/workspace/dev",
        "staging": "acme/workspace/staging",
    }
    assert built(org, "test").stack == "acme-workspace-dev"
    assert built(org, "test").environment.name == "test"


def test_environments_without_an_address_do_not_share_a_state(deployed: Deployed) -> None:
    org = org_of(deployed, {ORG: "groups: {}"})

    assert {built(org, env).state_key for env in ("dev", "test")} == {
        "acme/workspace/dev",
        "acme/workspace/test",
    }


def test_the_foundation_creates_only_principals_that_the_mesh_owns(deployed: Deployed) -> None:
    org = org_of(deployed, {ORG: "groups: {students: {make: true}, analysts: {}}"})

    assert [one.name for one in built(org, "dev").groups] == ["students"]


def test_the_foundation_creates_the_compute_of_org_and_domains(deployed: Deployed) -> None:
    text = f"clusters: {{etl: {CLUSTER}}}"
    files = {"orgs/acme/compute.yml": text, "orgs/acme/domains/transport/compute.yml": text}
    org = org_of(deployed, files)

    assert [one.name for one in built(org, "dev").compute.clusters] == ["etl", "transport-etl"]
    assert list(check_workspace_foundation(org)) == []
