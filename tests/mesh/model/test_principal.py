"""Principals are referred to in the account or made in a workspace, never mixed up silently."""

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


def test_a_workspace_gets_those_that_are_made_and_no_others(deployed: Deployed) -> None:
    [_, shared] = deployed({ORG: LISTED}).foundations
    assert isinstance(shared, WorkspaceFoundation)
    assert shared.stack == "acme-workspace-prod"
    assert [(one.name, one.members) for one in shared.groups] == [
        ("students", ("ada@acme.example", "bo@acme.example"))
    ]
    assert [one.email for one in shared.users] == ["ada@acme.example"]
    assert [one.display_name for one in shared.service_principals] == ["sp-new"]


def test_a_grant_may_name_a_service_principal_as_people_do(deployed: Deployed) -> None:
    mesh = deployed({ORG: LISTED + "grants: [{principal: sp-taxi, privileges: [BROWSE]}]"})
    assert [one.principal for one in mesh.foundations[0].catalogs[0].grants] == [RUN_AS]


@pytest.mark.parametrize("known", ["analysts", "ola@acme.example", RUN_AS, "account users", "sp-taxi"])
def test_what_is_listed_or_recognizable_may_be_granted_to(deployed: Deployed, known: str) -> None:
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
def test_what_unity_catalog_would_not_take_is_said(
    findings: Findings, org: str, principal: str, expected: str
) -> None:
    grants = f"grants: [{{principal: {principal}, privileges: [BROWSE]}}]"
    assert findings({ORG: org, DOMAIN: grants}) == [expected]


def test_an_owner_is_listed_as_well(findings: Findings) -> None:
    """Of levels and of what they declare."""
    domain = "owner: analyst\ncatalog: {owner: students}\n"
    assert findings({ORG: LISTED, DOMAIN: domain}) == [
        "unknown-principal: principal `analyst` is not listed in org.yml (did you mean `analysts`?)",
        "workspace-group-in-grant: group `students` is created in the workspace "
        "(Unity Catalog accepts groups of the account only: name one)",
    ]


def test_without_a_list_every_principal_is_taken_as_it_is(deployed: Deployed) -> None:
    mesh = deployed({DOMAIN: "grants: [{principal: whoever, privileges: [BROWSE]}]"})
    assert [one.principal for one in mesh.foundations[0].catalogs[0].grants] == ["whoever"]
