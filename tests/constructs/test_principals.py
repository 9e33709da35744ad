"""Principals that a workspace stack creates."""

from __future__ import annotations

from datamesh.principals import Principals
from mesh.deployment.workspace_foundation import WorkspaceFoundation
from mesh.model.backend import Backend
from mesh.model.environment import Environment
from mesh.model.principal import Group, ServicePrincipal, User


def test_a_group_may_have_created_and_existing_members(synth) -> None:
    """Account users are looked up, not created."""
    foundation = WorkspaceFoundation(
        org="acme",
        environment=Environment("dev"),
        stack="acme-workspace-dev",
        state_key="acme/workspace/dev",
        backend=Backend("local", {"path": "x"}),
        groups=(Group("students", "students", ("ada@acme.example", "bo@acme.example")),),
        users=(User("ada_acme_example", "ada@acme.example", "Ada"),),
        service_principals=(ServicePrincipal("robot", "robot", None),),
        owning_environment=Environment("dev"),
    )
    made = synth(lambda scope: Principals(scope, foundation))
    assert made["resource"] == {
        "databricks_user": {"ada_acme_example": {"user_name": "ada@acme.example", "display_name": "Ada"}},
        "databricks_service_principal": {"robot": {"display_name": "robot"}},
        "databricks_group": {"students": {"display_name": "students"}},
        "databricks_group_member": {
            "students_ada_acme_example": {
                "group_id": "${databricks_group.students.id}",
                "member_id": "${databricks_user.ada_acme_example.id}",
            },
            "students_bo_acme_example": {
                "group_id": "${databricks_group.students.id}",
                "member_id": "${data.databricks_user.bo_acme_example.id}",
            },
        },
    }
    assert made["data"] == {"databricks_user": {"bo_acme_example": {"user_name": "bo@acme.example"}}}
