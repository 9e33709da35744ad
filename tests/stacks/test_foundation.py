"""The stack of an org on one metastore."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from datamesh.bindings import cdktf
from mesh.deployment.foundation import Foundation
from mesh.model.environment import Environment
from stacks import FoundationStack
from tests.constructs.test_catalog import CATALOG
from tests.constructs.test_org import FOUNDATION
from tests.constructs.test_storage import CREDENTIAL, LOCATION

UNOWNED = replace(FOUNDATION, catalogs=(CATALOG,), storage_credentials=(), external_locations=())
DEPLOYER = {"principal": "${data.databricks_current_user.deployer.user_name}", "privileges": ["MANAGE"]}
OWNED = [
    {"catalogs": (replace(CATALOG, owner="team"),)},
    {"storage_credentials": (replace(CREDENTIAL, owner="team"),)},
    {"external_locations": (replace(LOCATION, owner="team", grants=()),)},
]


def synthesize(foundation: Foundation) -> dict[str, Any]:
    """The Terraform JSON of the stack."""
    stack = FoundationStack(cdktf.Testing.app(), foundation, Path("/mesh"))
    synthesized: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    return synthesized


def test_the_stack_has_its_own_state_in_the_backend_of_the_metastore() -> None:
    environment = Environment("prod", workspace="https://prod.example")
    stack = synthesize(replace(UNOWNED, environment=environment))

    assert stack["terraform"]["backend"] == {"s3": {"bucket": "states", "key": "acme/foundation/main"}}
    assert stack["provider"] == {"databricks": [{"host": "https://prod.example"}]}


@pytest.mark.parametrize("owned", OWNED, ids=lambda owned: next(iter(owned)))
def test_the_deployer_keeps_manage_on_every_object_with_another_owner(owned: dict[str, Any]) -> None:
    stack = synthesize(replace(UNOWNED, **owned))

    [grants] = stack["resource"]["databricks_grants"].values()
    assert grants["grant"] == [DEPLOYER]


@pytest.mark.parametrize("owned", OWNED, ids=lambda owned: next(iter(owned)))
def test_the_deployer_keeps_nothing_where_org_yml_names_managers(owned: dict[str, Any]) -> None:
    stack = synthesize(replace(UNOWNED, managed_by=("platform-team",), **owned))

    assert "databricks_grants" not in stack["resource"]
    assert "data" not in stack


def test_the_deployer_owns_a_foundation_without_owners_and_needs_no_grant() -> None:
    stack = synthesize(UNOWNED)

    assert stack["resource"].keys() == {"databricks_catalog"}
    assert "data" not in stack


def test_text_of_the_mesh_is_escaped() -> None:
    stack = synthesize(replace(UNOWNED, catalogs=(replace(CATALOG, comment="${file(1)}"),)))

    assert stack["resource"]["databricks_catalog"]["acme_transport"]["comment"] == "$${file(1)}"


def test_a_refused_foundation_has_the_reasons_in_its_precondition() -> None:
    """Its resources stay as they are."""
    made = FoundationStack(cdktf.Testing.app(), UNOWNED, Path("/mesh"), ["not from ${here}"])
    refused = json.loads(cdktf.Testing.synth(made))

    assert refused["resource"] == synthesize(UNOWNED)["resource"]
    [check] = refused["output"]["may_be_deployed"]["precondition"]
    assert "not from $${here}" in check["error_message"]


def test_terraform_refuses_to_destroy_what_the_model_protects() -> None:
    protected = replace(
        UNOWNED,
        catalogs=(replace(CATALOG, protected=True),),
        storage_credentials=(replace(CREDENTIAL, protected=True),),
        external_locations=(replace(LOCATION, protected=True),),
    )
    resources = synthesize(protected)["resource"]

    kept = {kind for kind, made in resources.items() for one in made.values() if one.get("lifecycle")}
    assert kept == {"databricks_catalog", "databricks_storage_credential", "databricks_external_location"}
    [catalog] = resources["databricks_catalog"].values()
    assert catalog["lifecycle"] == {"prevent_destroy": True}
