"""Domains of Databricks' own catalogue: the bindings of cdktn have them, so `make test TOOLKIT=cdktn` runs it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from datamesh.bindings import cdktf
from datamesh.discover import DiscoverDomains
from mesh.model.discover import DiscoverDomain, DiscoverOwner

TEAM, ADA = DiscoverOwner("group", "transport-team"), DiscoverOwner("user", "ada@acme.example")
SP = DiscoverOwner("service_principal", "7f1c0d6e-0000-4000-8000-000000000001")
ACME = DiscoverDomain(
    "acme", (), "acme", True, None, description="Acme", icon={"name": "BANK"}, technical_owners=(TEAM,)
)
MOVES = replace(ACME, id="acme_moves", tag_key="moves", makes_tag=False, parent="acme", icon={}, draft=True)


def synthesized(*domains: DiscoverDomain) -> dict[str, Any]:
    """The code of a stack with these domains."""
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "test")
    DiscoverDomains(stack, domains)
    code: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    return code


def arguments(block: dict[str, Any]) -> dict[str, Any]:
    """The arguments of resources by type and name, without the metadata of cdktf."""
    return {
        f"{type}.{name}": {key: value for key, value in one.items() if key != "//"}
        for type, named in block.items()
        for name, one in named.items()
    }


def test_domains_name_their_owners_by_ids_that_terraform_looks_up_once() -> None:
    code = synthesized(ACME, replace(MOVES, business_owners=(ADA, SP, replace(TEAM, name="transport_team"))))

    team, other = "data.databricks_group.transport-team", "data.databricks_group.transport_team"
    assert arguments(code["resource"]) == {
        "databricks_tag_policy.acme": {"tag_key": "acme"},
        "databricks_domain.acme": {
            "tag_key": "acme",
            "description": "Acme",
            "icon": {"name": "BANK"},
            "technical_owner_ids": [f"${{tonumber({team}.id)}}"],
            "depends_on": ["databricks_tag_policy.acme"],
        },
        "databricks_domain.acme_moves": {
            "tag_key": "moves",
            "description": "Acme",
            "draft": True,
            "parent_domain_id": "${databricks_domain.acme.domain_id}",
            "technical_owner_ids": [f"${{tonumber({team}.id)}}"],
            "business_owner_ids": [
                "${tonumber(data.databricks_user.ada_acme_example.id)}",
                f"${{tonumber(data.databricks_service_principal._{SP.name}.id)}}",
                f"${{tonumber({other}.id)}}",
            ],
        },
    }
    assert arguments(code["data"]) == {
        "databricks_group.transport-team": {"display_name": "transport-team"},
        "databricks_group.transport_team": {"display_name": "transport_team"},
        "databricks_user.ada_acme_example": {"user_name": "ada@acme.example"},
        f"databricks_service_principal._{SP.name}": {"application_id": SP.name},
    }
