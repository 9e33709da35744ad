"""Catalogs are shared: their template decides which level has one, and who may use it."""

from __future__ import annotations

import pytest

from mesh.deployment.catalog import Catalog, catalog_level, catalog_name
from mesh.deployment.foundation import Foundation
from mesh.mesh import MeshDeployment
from tests.mesh.conftest import PROJECT, RUN_AS, Deployed, Findings

NAMING = ".brickopscfg/config.yml"
ORG = "orgs/acme/org.yml"
DOMAIN = "orgs/acme/domains/transport/domain.yml"


def naming(template: str) -> dict[str, str]:
    """The naming template of catalogs."""
    return {NAMING: f'naming: {{catalog: {{prod: "{template}", other: "{template}"}}}}\n'}


def only_catalog(mesh: MeshDeployment) -> Catalog:
    """The catalog of the only foundation."""
    [foundation] = [one for one in mesh.foundations if isinstance(one, Foundation)]
    [catalog] = foundation.catalogs
    return catalog


@pytest.mark.parametrize(
    ("template", "name", "level"),
    [
        ("{org}", "acme", ()),
        ("{domain}_{env}", "transport_prod", ("transport",)),
        ("{domain}_{project}", "transport_taxinyc", ("transport", "taxinyc")),
        ("{project}", "taxinyc", ("transport", "taxinyc")),
    ],
)
def test_the_template_decides_name_and_level_of_a_catalog(
    deployed: Deployed, template: str, name: str, level: tuple[str, ...]
) -> None:
    mesh = deployed(naming(template))
    assert isinstance(mesh.foundations[0], Foundation)
    [scope] = mesh.scopes
    flow, config = scope.project.flows[0], scope.project.naming

    assert catalog_name(flow, config, "prod") == name
    assert catalog_level(flow, config, "prod") == level
    assert (name, level) in [(one.name, one.level) for one in mesh.foundations[0].catalogs]


def test_a_catalog_that_two_domains_use_belongs_to_the_org(deployed: Deployed) -> None:
    other = "orgs/acme/domains/energy/projects/prices/flows/prep/spot"
    files = {f"{other}/deployment.yml": "tasks: [{task_key: a, serverless: true}]", f"{other}/a.py": ""}

    assert only_catalog(deployed({**naming("everything"), **files})).level == ()


def test_comment_and_owner_come_from_the_nearest_level_that_has_them(deployed: Deployed) -> None:
    files = {
        ORG: "owner: platform\ndescription: Acme\ngroups: {platform: {}, taxi: {}}\n",
        DOMAIN: "description: Moving\n",
        f"{PROJECT}/project.yml": "owner: taxi\ndescription: Taxis\n",
    }
    catalog = only_catalog(deployed(files))

    assert (catalog.owner, catalog.comment) == ("platform", "Moving")


def test_a_catalog_names_its_deployment_in_its_properties(deployed: Deployed) -> None:
    mesh = deployed({DOMAIN: "catalog: {properties: {team: taxi}}\n"})
    [foundation] = mesh.foundations

    assert only_catalog(mesh).properties["team"] == "taxi"
    assert foundation.state_key in only_catalog(mesh).properties.values()


def test_the_principal_of_jobs_may_use_the_catalog(deployed: Deployed) -> None:
    org = f"environments: {{prod: {{run_as: {{service_principal_name: {RUN_AS}}}}}}}"

    assert [grant.principal for grant in only_catalog(deployed({ORG: org})).grants] == [RUN_AS]
    assert only_catalog(deployed({ORG: ""})).grants == ()


@pytest.mark.parametrize(("env", "protected"), [("prod", True), ("local", False)])
def test_only_the_catalogs_of_this_machine_may_be_destroyed(
    deployed: Deployed, env: str, protected: bool
) -> None:
    assert only_catalog(deployed({}, env)).protected is protected


@pytest.mark.parametrize("field", ["username", "gitbranch", "gitshortref"])
def test_a_catalog_template_may_not_use_the_identity(findings: Findings, field: str) -> None:
    [wrong] = findings(naming(f"{{domain}}_{{{field}}}"), "dev")

    assert wrong.startswith("catalog-with-identity: ")
    assert f"{{{field}}}" in wrong


@pytest.mark.parametrize("taken", ["system", "Samples", "hive_metastore"])
def test_a_catalog_may_not_have_a_name_of_databricks(findings: Findings, taken: str) -> None:
    [wrong] = findings(naming(taken))

    assert wrong.startswith(f"bad-name: catalog `{taken.lower()}`")


def test_a_level_without_a_catalog_may_not_declare_one(findings: Findings) -> None:
    [wrong] = findings({f"{PROJECT}/project.yml": "catalog: {comment: x}\n"})

    assert wrong.startswith("no-catalog-here: ")
