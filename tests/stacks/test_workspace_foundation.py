"""The stack of an org in one workspace."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from datamesh.bindings import cdktf
from mesh.deployment.compute import ComputeObjects
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.model.environment import Environment
from mesh.model.principal import User
from stacks import WorkspaceFoundationStack
from tests.constructs.test_workspace_foundation import FOUNDATION


def synthesize(foundation: WorkspaceFoundation) -> dict[str, Any]:
    """The Terraform JSON of the stack."""
    stack = WorkspaceFoundationStack(cdktf.Testing.app(), foundation, Path("/mesh"))
    synthesized: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    return synthesized


def test_the_stack_is_deployed_to_the_workspace_of_its_environment() -> None:
    stack = synthesize(replace(FOUNDATION, environment=Environment("dev", workspace="https://dev.example")))

    assert stack["provider"] == {"databricks": [{"host": "https://dev.example"}]}
    assert stack["terraform"]["backend"] == {"s3": {"bucket": "states", "key": "acme/workspace/dev"}}
    assert stack["resource"].keys() == {
        "databricks_group",
        "databricks_user",
        "databricks_service_principal",
        "databricks_cluster_policy",
        "databricks_permissions",
    }


def test_text_of_the_mesh_is_escaped() -> None:
    users = (User("ada", "ada@acme.example", "${file(1)}"),)
    foundation = replace(FOUNDATION, users=users, compute=ComputeObjects())
    user = synthesize(foundation)["resource"]["databricks_user"]["ada"]

    assert user["display_name"] == "$${file(1)}"


def test_a_refused_foundation_has_the_reasons_in_its_precondition() -> None:
    """Its resources stay as they are."""
    made = WorkspaceFoundationStack(cdktf.Testing.app(), FOUNDATION, Path("/mesh"), ["not from ${here}"])
    refused = json.loads(cdktf.Testing.synth(made))

    assert refused["resource"] == synthesize(FOUNDATION)["resource"]
    [check] = refused["output"]["may_be_deployed"]["precondition"]
    assert "not from $${here}" in check["error_message"]
