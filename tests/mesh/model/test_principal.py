"""Principals are either referred to in the account or created in a workspace."""

from __future__ import annotations

import pytest

from mesh.deployment.workspace_foundation import WorkspaceFoundation
from tests.mesh.conftest import RUN_AS, Deployed, Findings

ORG = "orgs/acme/org.yml"
DOMAIN = "orgs/acme/domains/transport/domain.yml"
LISTED = (
    "groups: {analysts: {}, students: {make: true, members: [bo@acme.example, ada@acme.example]}}\n"
    "users: {ada@acme.example: {make: true, display_name: Ada}, bo@acme.example: {}}\n"
    f"service_principals: {{sp-taxi: {{application_id: {RUN_AS}}}, sp-new: {{make: true}}}}\n"
)


def test_a_workspace_gets_only_the_principals_to_create(deployed: Deployed) -> None:
    [_, shared] = deployed({ORG: LISTED}).foundations
    assert isinstance(shared, WorkspaceFoundation)
    assert shared.stack == "acme-workspace-prod"
    assert [(one.name, one.members) for one in shared.groups] == [
        ("students", ("ada@acme.example", "bo@acme.example"))
    ]
    assert [one.email for one in shared.users] == ["ada@acme.example"]
    assert [one.display_name for one in shared.service_principals] == ["sp-new"]


def test_a_grant_may_use_the_display_name_of_a_service_principal(deployed: Deployed) -> None:
    mesh = deployed({ORG: LISTED + "grants: [{principal: sp-taxi, privileges: [BROWSE]}]"})
    assert [one.principal for one in mesh.foundations[0].catalogs[0].grants] == [RUN_AS]


@pytest.mark.parametrize("known", ["analysts", "ola@acme.example", RUN_AS, "account users", "sp-taxi"])
def test_listed_and_recognizable_principals_may_get_grants(deployed: Deployed, known: str) -> None:
    mesh = deployed({ORG: LISTED, DOMAIN: f"grants: [{{principal: {known}, privileges: [BROWSE]}}]"})
    assert len(mesh.foundations[0].catalogs[0].grants) == 1


@pytest.mark.parametrize(
    ("org", "principal", "expected"),
    [
        (
            LISTED,
            "students",
            "workspace-group-in-grant: group `students` is created in the workspace "
            "(Unity Catalog accepts groups of the account only: name one)",
        ),
        (
            LISTED,
            "analyst",
            "unknown-principal: principal `analyst` is not listed in org.yml (did you mean `analysts`?)",
        ),
        (
            LISTED,
            "zz",
            "unknown-principal: principal `zz` is not listed in org.yml "
            "(groups and service principals: analysts, sp-new, sp-taxi, students)",
        ),
        (
            LISTED,
            "sp-new",
            "service-principal-without-id: service principal `sp-new` has no `application_id` in org.yml "
            "(add it; Databricks shows it after creation)",
        ),
        (
            "groups: {analysts: {members: [ada@acme.example]}}\n",
            "analysts",
            "members-of-account-group: group `analysts` belongs to the account, so its members cannot be set here "
            "(remove them, or add `make: true`)",
        ),
    ],
)
def test_principals_that_unity_catalog_refuses_are_findings(
    findings: Findings, org: str, principal: str, expected: str
) -> None:
    grants = f"grants: [{{principal: {principal}, privileges: [BROWSE]}}]"
    assert findings({ORG: org, DOMAIN: grants}) == [expected]


def test_owners_must_be_listed(findings: Findings) -> None:
    """Owners of levels and of the objects that they declare."""
    domain = "owner: analyst\ncatalog: {owner: students}\n"
    assert findings({ORG: LISTED, DOMAIN: domain}) == [
        "unknown-principal: principal `analyst` is not listed in org.yml (did you mean `analysts`?)",
        "workspace-group-in-grant: group `students` is created in the workspace "
        "(Unity Catalog accepts groups of the account only: name one)",
    ]


def test_without_a_list_every_principal_is_accepted(deployed: Deployed) -> None:
    mesh = deployed({DOMAIN: "grants: [{principal: whoever, privileges: [BROWSE]}]"})
    assert [one.principal for one in mesh.foundations[0].catalogs[0].grants] == ["whoever"]
