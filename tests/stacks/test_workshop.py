"""The stack of a workshop."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from datamesh.bindings import cdktf
from mesh.model.backend import Backend
from mesh.workshop.workshop import Workshop
from stacks import WorkshopStack
from tests.constructs.test_workshop import CLASS

SPRING = replace(CLASS, workspace="https://class.example", backend=Backend("s3", {"bucket": "states"}))


def synthesize(workshop: Workshop) -> dict[str, Any]:
    """The Terraform JSON of the stack."""
    stack: dict[str, Any] = json.loads(
        cdktf.Testing.synth(WorkshopStack(cdktf.Testing.app(), workshop, Path("/mesh")))
    )
    return stack


def test_each_workshop_has_its_own_state_in_the_backend() -> None:
    keys = [
        synthesize(replace(SPRING, name=name, students=()))["terraform"]["backend"]["s3"]["key"]
        for name in ("spring", "autumn")
    ]

    assert keys == ["workshop/spring/mesh.tfstate", "workshop/autumn/mesh.tfstate"]


def test_the_stack_is_deployed_to_the_workspace_of_the_class() -> None:
    assert synthesize(replace(SPRING, students=()))["provider"] == {
        "databricks": [{"host": "https://class.example"}]
    }


def test_entitlements_of_earlier_states_are_forgotten_and_the_group_keeps_them() -> None:
    stack = synthesize(replace(SPRING, students=()))

    assert "databricks_entitlements" not in stack["resource"]
    assert stack["removed"] == [{"from": "databricks_entitlements.students", "lifecycle": {"destroy": False}}]


def test_an_existing_group_gets_its_entitlements_from_a_separate_resource() -> None:
    stack = synthesize(replace(SPRING, students=(), creates_group=False))

    assert stack["resource"]["databricks_entitlements"] == {
        "students": {
            "group_id": "${data.databricks_group.students.id}",
            "databricks_sql_access": True,
            "workspace_access": True,
        }
    }
    assert "removed" not in stack


def test_names_of_students_are_text_and_never_templates() -> None:
    """The name of the first student is hostile."""
    users = synthesize(SPRING)["resource"]["databricks_user"]

    assert sorted(user["display_name"] for user in users.values()) == ["Ada $${x}", "Bo"]
