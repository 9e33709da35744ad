"""A name of compute means the nearest declaration, by reference within a stack and by name across stacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.deployment.compute_lookup import (
    ComputeLookup,
    Layer,
    check_compute,
    project_reach,
    workspace_layers,
)
from mesh.errors import MeshError
from mesh.load import load
from mesh.model.compute_object import Lookup
from tests.mesh.conftest import FLOW, PROJECT, Deployed

ORG = "orgs/acme/compute.yml"
DOMAIN = "orgs/acme/domains/transport/compute.yml"
OWN = f"{PROJECT}/compute.yml"
POLICY = "cluster_policies: {small: {definition: {}}}\n"
CLUSTER = "spark_version: 15.4.x-scala2.12, node_type_id: x, num_workers: 1"


def reach(deployed: Deployed, files: dict[str, str], env: str = "prod") -> ComputeLookup:
    """The compute that the only project may name."""
    [scope] = deployed(files, env).scopes
    return project_reach(scope)


def test_an_object_of_the_project_is_referred_to_by_reference(deployed: Deployed) -> None:
    found = reach(deployed, dict.fromkeys((ORG, DOMAIN, OWN), POLICY)).lookup("cluster_policy", "small")

    assert found == Lookup("cluster_policy", "small", {"name": "transport-taxinyc-small-prod"})


@pytest.mark.parametrize(
    ("files", "name"), [((ORG, DOMAIN), "transport-small"), ((ORG,), "small"), ((), "small")]
)
def test_an_object_of_another_stack_is_referred_to_by_its_workspace_name(
    deployed: Deployed, files: tuple[str, ...], name: str
) -> None:
    found = reach(deployed, dict.fromkeys(files, POLICY)).lookup("cluster_policy", "small")

    assert found == Lookup("cluster_policy", None, {"name": name})


def test_an_object_of_another_kind_does_not_match(deployed: Deployed) -> None:
    found = reach(deployed, {OWN: POLICY}).lookup("cluster", "small")

    assert found == Lookup("cluster", None, {"name": "small"})


def test_a_template_uses_the_policy_of_its_own_level(deployed: Deployed) -> None:
    template = f"job_clusters: {{etl: {{{CLUSTER}, policy_name: small}}}}\n"
    found = reach(deployed, {ORG: POLICY + template, OWN: POLICY}).template("etl")

    assert found.new_cluster["policy_id"] == Lookup("cluster_policy", None, {"name": "small"})
    assert found.origin == f"{ORG}:2"


def test_a_declared_template_wins_over_the_built_in_template(deployed: Deployed) -> None:
    key = "common-job-cluster"
    declared = f"job_clusters: {{{key}: {{{CLUSTER}}}}}\n"

    assert (
        reach(deployed, {DOMAIN: declared}).template(key).new_cluster["spark_version"] == "15.4.x-scala2.12"
    )
    assert reach(deployed, {DOMAIN: ""}).template(key).origin == "built in"


def test_names_in_a_workspace_have_levels_before_and_the_deployment_after(deployed: Deployed) -> None:
    shared, domain, own = reach(deployed, {}, "dev").layers

    assert shared.name("small") == "small"
    assert domain.name("small") == "transport-small"
    assert own.name("small") == "transport-taxinyc-small-dev-ola@acme.example-main-cccccccc"
    assert [one.id("small") for one in (shared, domain, own)] == ["small", "transport-small", "small"]


def test_the_foundation_creates_the_compute_of_org_and_domains_but_not_of_projects(tmp_path: Path) -> None:
    for domain in ("energy", "transport"):
        file = tmp_path / f"orgs/acme/domains/{domain}/projects/p/compute.yml"
        file.parent.mkdir(parents=True)
        file.write_text(POLICY)
    [org] = load(tmp_path).orgs
    layers: list[tuple[Layer, ...]] = list(workspace_layers(org))

    assert [one[-1].name("small") for one in layers] == ["small", "energy-small", "transport-small"]
    assert [len(one) for one in layers] == [1, 2, 2]


@pytest.mark.parametrize("key", ["etl", "common-job-cluster", "mine"])
def test_a_task_may_name_the_template_of_any_level_above_it(deployed: Deployed, key: str) -> None:
    files = {
        ORG: f"job_clusters: {{etl: {{{CLUSTER}}}}}",
        OWN: f"job_clusters: {{mine: {{{CLUSTER}}}}}",
        f"{FLOW}/deployment.yml": f"tasks: [{{task_key: a, job_cluster_key: {key}}}]",
    }
    [scope] = deployed(files).scopes

    assert list(check_compute(scope.org)) == []


def test_a_task_with_an_unknown_template_is_reported_with_the_nearest_name(deployed: Deployed) -> None:
    files = {
        ORG: f"job_clusters: {{nightly: {{{CLUSTER}}}}}",
        f"{FLOW}/deployment.yml": "tasks:\n- task_key: a\n  job_cluster_key: nightli\n",
    }
    with pytest.raises(MeshError) as caught:
        deployed(files)

    [wrong] = caught.value.findings
    assert (wrong.code, wrong.file, wrong.line) == ("unknown-job-cluster", f"{FLOW}/deployment.yml", 3)
    assert "`nightly`" in wrong.message
