"""Domains of Databricks' own catalogue: which foundation holds them, and which schemas are in them."""

from __future__ import annotations

import pytest

from mesh.deployment.foundation import Foundation
from mesh.mesh import MeshDeployment
from mesh.model.discover import DiscoverDomain, DiscoverOwner
from mesh.toolkit import VARIABLE
from tests.mesh.conftest import RUN_AS, Deployed, Findings

ORG, DOMAIN = "orgs/acme/org.yml", "orgs/acme/domains/transport/domain.yml"
ENVIRONMENTS = f"""
owner: platform-team
environments:
  dev: {{metastore: eu}}
  prod: {{metastore: eu, run_as: {{service_principal_name: {RUN_AS}}}}}
  us: {{metastore: us}}
"""


@pytest.fixture(autouse=True)
def cdktn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toolkit that has domains."""
    monkeypatch.setenv(VARIABLE, "cdktn")


def domains(mesh: MeshDeployment) -> tuple[DiscoverDomain, ...]:
    """The domains in the foundation of the environment's metastore."""
    [one] = [one for one in mesh.foundations if isinstance(one, Foundation)]
    return one.discover


def test_a_domain_is_below_its_org_with_its_description_and_owners(deployed: Deployed) -> None:
    org = f"description: Acme{ENVIRONMENTS}discover: {{icon: {{name: BANK}}, make_tag: true, draft: false}}\n"
    own = f"discover: {{tag_key: acme/moves, subtitle: It moves, business_owners: [ada@acme.example, {RUN_AS}]}}\n"
    files = {ORG: org, DOMAIN: f"description: Moves\nowner: transport-team\n{own}"}

    assert domains(deployed(files)) == (
        DiscoverDomain(
            id="acme",
            level=(),
            tag_key="acme",
            makes_tag=True,
            parent=None,
            description="Acme",
            icon={"name": "BANK"},
            draft=False,
            technical_owners=(DiscoverOwner("group", "platform-team"),),
        ),
        DiscoverDomain(
            id="acme_transport",
            level=("transport",),
            tag_key="acme/moves",
            makes_tag=False,
            parent="acme",
            subtitle="It moves",
            description="Moves",
            technical_owners=(DiscoverOwner("group", "transport-team"),),
            business_owners=(
                DiscoverOwner("user", "ada@acme.example"),
                DiscoverOwner("service_principal", RUN_AS),
            ),
        ),
    )


def test_a_domain_of_an_org_that_is_none_is_at_the_top_and_has_the_owner_of_the_org(
    deployed: Deployed,
) -> None:
    [one] = domains(deployed({ORG: ENVIRONMENTS, DOMAIN: "discover: {}\n"}))

    assert (one.tag_key, one.parent, one.technical_owners) == (
        "transport",
        None,
        (DiscoverOwner("group", "platform-team"),),
    )


@pytest.mark.parametrize(("env", "number"), [("prod", 1), ("dev", 1), ("us", 0), ("local", 0)])
def test_the_foundation_of_the_most_protected_environment_holds_them(
    deployed: Deployed, env: str, number: int
) -> None:
    files = {ORG: ENVIRONMENTS, DOMAIN: "discover: {}\n"}

    assert len(domains(deployed(files, env))) == number


@pytest.mark.parametrize(
    ("org", "domain", "env", "tag"),
    [
        ("", "discover: {}", "prod", "transport"),
        ("discover: {}", "", "prod", "acme"),
        ("discover: {tag_key: a}", "discover: {tag_key: b}", "prod", "b"),
        ("discover: {}", "discover: {}", "dev", None),
        ("discover: {}", "discover: {}", "us", None),
        ("", "", "prod", None),
    ],
)
def test_schemas_of_that_environment_have_the_tag_of_the_nearest_domain(
    deployed: Deployed, org: str, domain: str, env: str, tag: str | None
) -> None:
    mesh = deployed({ORG: f"{ENVIRONMENTS}{org}\n", DOMAIN: f"{domain}\n"}, env)

    assert {schema.domain_tag for one in mesh.deployments for schema in one.schemas} == {tag}


def test_bindings_without_domains_are_a_finding(findings: Findings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "cdktf")

    assert findings({ORG: ENVIRONMENTS, DOMAIN: "discover: {}\n"}) == [
        "toolkit-without-domains: provider 1.99.0 of cdktf has no `databricks_domain` (set MESH_TOOLKIT=cdktn, or remove `discover`)"
    ]


@pytest.mark.parametrize(
    ("org", "domain", "code"),
    [
        ("discover: {tag_key: x}", "discover: {tag_key: x}", "one-name-twice"),
        ("groups: {platform-team: {}}", "discover: {business_owners: [platfrom-team]}", "unknown-principal"),
        ("", f"description: {'x' * 4097}\ndiscover: {{}}", "text-too-long"),
        ("", "discover: {tag_key: a.b}", "wrong-value"),
        ("", "discover: {tag_key: '${a}'}", "wrong-value"),
        ("", "discover: {icon: {color: red}}", "wrong-value"),
        ("", f"discover: {{subtitle: {'x' * 281}}}", "wrong-type"),
    ],
)
def test_what_databricks_would_refuse_is_a_finding(
    findings: Findings, org: str, domain: str, code: str
) -> None:
    [found] = findings({ORG: f"{ENVIRONMENTS}{org}\n", DOMAIN: f"{domain}\n"})

    assert found.partition(":")[0] == code


def test_a_mesh_of_one_org_without_a_name_has_to_name_its_tag(findings: Findings) -> None:
    files = {"org.yml": f"{ENVIRONMENTS}discover: {{}}\n", "domains/x/domain.yml": ""}

    assert "discover-without-tag: the org has no name, so its domain has no tag (add `tag_key`)" in findings(
        files
    )
