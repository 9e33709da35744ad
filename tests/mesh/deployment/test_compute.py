"""Each stack creates its own compute, with the permissions that jobs need, under names that never clash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.deployment.compute import (
    ComputeObjects,
    check_compute_names,
    check_one_maker,
    project_compute,
    workspace_compute,
)
from mesh.deployment.compute_lookup import project_reach, workspace_layers
from mesh.deployment.scope import Scope
from mesh.model.cluster import Cluster
from mesh.model.environment import Environment, RunAs
from mesh.model.sql_warehouse import SqlWarehouse
from tests.mesh.conftest import PROJECT, RUN_AS, Deployed

ORG = "orgs/acme/compute.yml"
DOMAIN = "orgs/acme/domains/transport/compute.yml"
OWN = f"{PROJECT}/compute.yml"
CLUSTER = "{spark_version: 15.4.x-scala2.12, node_type_id: x, num_workers: 1}"
POLICY = "{definition: {}}"
BOTH = f"clusters: {{b: {CLUSTER}, a: {CLUSTER}}}\ncluster_policies: {{small: {POLICY}}}\n"
SP = Environment("prod", mode="production", run_as=RunAs(service_principal_name=RUN_AS))


def scope_of(deployed: Deployed, files: dict[str, str], env: str = "prod") -> Scope:
    """The scope of the only project."""
    [scope] = deployed(files, env).scopes
    return scope


def levels(compute: ComputeObjects) -> dict[str, dict[str, str]]:
    """The permission levels, by object and principal."""
    return {one.name: {each.principal: each.level for each in one.permissions} for _, one in compute.objects}


def test_a_project_creates_only_its_own_compute_in_order_of_names(deployed: Deployed) -> None:
    scope = scope_of(deployed, {ORG: BOTH, DOMAIN: BOTH, OWN: BOTH})

    assert [(kind, one.name) for kind, one in project_compute(scope).objects] == [
        ("cluster_policy", "transport-taxinyc-small-prod"),
        ("cluster", "transport-taxinyc-a-prod"),
        ("cluster", "transport-taxinyc-b-prod"),
    ]


def test_the_foundation_creates_the_compute_of_org_and_domains(deployed: Deployed) -> None:
    scope = scope_of(deployed, {ORG: BOTH, DOMAIN: BOTH, OWN: BOTH})

    assert [one.name for one in workspace_compute(scope.org, [SP]).clusters] == [
        "a",
        "b",
        "transport-a",
        "transport-b",
    ]


def test_the_principal_of_jobs_manages_shared_compute_but_only_uses_policies(deployed: Deployed) -> None:
    scope = scope_of(deployed, {ORG: f"clusters: {{a: {CLUSTER}}}\ncluster_policies: {{small: {POLICY}}}\n"})

    assert levels(workspace_compute(scope.org, [SP])) == {
        "a": {RUN_AS: "CAN_MANAGE"},
        "small": {RUN_AS: "CAN_USE"},
    }
    assert levels(workspace_compute(scope.org, [])) == {"a": {}, "small": {}}


def test_the_principal_of_jobs_only_restarts_a_personal_cluster(deployed: Deployed) -> None:
    scope = scope_of(deployed, {OWN: f"clusters: {{a: {CLUSTER}}}\n"}, "dev")
    personal = replace(scope, environment=replace(scope.environment, run_as=SP.run_as))

    assert [*levels(project_compute(personal)).values()] == [{RUN_AS: "CAN_RESTART"}]


def test_the_deployer_gets_no_permission_on_a_personal_cluster(deployed: Deployed) -> None:
    scope = scope_of(deployed, {OWN: f"clusters: {{a: {CLUSTER}}}\n"}, "dev")
    for user, expected in ((scope.git.user, {}), ("kari@acme.example", {"kari@acme.example": "CAN_RESTART"})):
        personal = replace(scope, environment=replace(scope.environment, run_as=RunAs(user_name=user)))

        assert [*levels(project_compute(personal)).values()] == [expected]


def test_two_objects_with_one_terraform_name_are_reported_at_the_second(deployed: Deployed) -> None:
    org = scope_of(
        deployed, {ORG: f"clusters: {{a: {CLUSTER}}}\n", DOMAIN: f"clusters: {{a: {CLUSTER}}}\n"}
    ).org
    (shared,), (_, domain) = workspace_layers(org)

    assert list(check_compute_names([shared, domain])) == []
    [wrong] = check_compute_names([shared, replace(domain, above=())])
    assert (wrong.code, wrong.file) == ("same-terraform-name", DOMAIN)
    assert f"{ORG}:1" in wrong.message


@pytest.mark.parametrize(("length", "codes"), [(99, []), (100, ["name-too-long"])])
def test_a_name_has_99_characters_at_most(deployed: Deployed, length: int, codes: list[str]) -> None:
    own = project_reach(scope_of(deployed, {OWN: f"clusters: {{a: {CLUSTER}}}\n"})).layers[-1]
    padded = replace(own, above=("x" * (length - len("-a")),), behind=())

    assert [one.code for one in check_compute_names([padded])] == codes


def cluster(name: str, origin: str) -> ComputeObjects:
    """A stack's compute: one cluster."""
    return ComputeObjects(clusters=(Cluster("id", name, {}, origin=origin),))


def test_two_stacks_never_create_one_cluster_in_one_workspace() -> None:
    environment = Environment("prod", workspace="https://a.example")
    stacks = [
        ("acme", environment, cluster("etl", "a/compute.yml:2")),
        ("globex", environment, cluster("etl", "b/compute.yml:7")),
    ]

    [wrong] = check_one_maker(stacks)
    assert (wrong.code, wrong.file, wrong.line) == ("made-twice", "b/compute.yml", 7)
    assert "a/compute.yml:2" in wrong.message


@pytest.mark.parametrize(
    ("workspace", "compute"),
    [
        ("https://b.example", cluster("etl", "b/compute.yml:7")),
        ("https://a.example", cluster("other", "b/compute.yml:7")),
        ("https://a.example", ComputeObjects(sql_warehouses=(SqlWarehouse("id", "etl", {}, origin="b:7"),))),
    ],
)
def test_another_workspace_name_or_kind_is_no_clash(workspace: str, compute: ComputeObjects) -> None:
    first = ("acme", Environment("prod", workspace="https://a.example"), cluster("etl", "a/compute.yml:2"))

    assert list(check_one_maker([first, ("globex", Environment("prod", workspace=workspace), compute)])) == []
