"""An org in one workspace: principals, and the compute that they may use."""

from __future__ import annotations

from dataclasses import replace

from datamesh.workspace_foundation import WorkspaceFoundation
from mesh.deployment import workspace_foundation as model
from mesh.deployment.compute import ComputeObjects
from mesh.model.backend import Backend
from mesh.model.cluster_policy import ClusterPolicy
from mesh.model.environment import Environment
from mesh.model.permission import Permission
from mesh.model.principal import Group, ServicePrincipal, User

FOUNDATION = model.WorkspaceFoundation(
    org="acme",
    environment=Environment("dev"),
    stack="acme-workspace-dev",
    state_key="acme/workspace/dev",
    backend=Backend("s3", {"bucket": "states", "key": "acme/workspace/dev"}),
    groups=(Group("analysts", "analysts", ()),),
    users=(User("ada", "ada@acme.example", None),),
    service_principals=(ServicePrincipal("robot", "robot", None),),
    owning_environment=Environment("dev"),
    compute=ComputeObjects(
        cluster_policies=(
            ClusterPolicy(
                "small", "small", {"definition": "{}"}, (Permission("group_name", "analysts", "CAN_USE"),)
            ),
        )
    ),
)


def test_permissions_on_compute_wait_for_the_principals_of_the_org(synth) -> None:
    """A permission refers to a principal by name, so Terraform sees no dependency."""
    resources = synth(lambda scope: WorkspaceFoundation(scope, FOUNDATION))["resource"]
    permissions = resources.pop("databricks_permissions")["cluster-policy-small"]

    assert sorted(permissions.pop("depends_on")) == [
        "databricks_group.analysts",
        "databricks_service_principal.robot",
        "databricks_user.ada",
    ]
    assert permissions == {
        "cluster_policy_id": "${databricks_cluster_policy.small.id}",
        "access_control": [{"group_name": "analysts", "permission_level": "CAN_USE"}],
    }
    assert resources == {
        "databricks_group": {"analysts": {"display_name": "analysts"}},
        "databricks_user": {"ada": {"user_name": "ada@acme.example"}},
        "databricks_service_principal": {"robot": {"display_name": "robot"}},
        "databricks_cluster_policy": {"small": {"name": "small", "definition": "{}"}},
    }


def test_an_org_may_share_principals_without_compute(synth) -> None:
    foundation = replace(FOUNDATION, org=None, users=(), service_principals=(), compute=ComputeObjects())

    assert synth(lambda scope: WorkspaceFoundation(scope, foundation)) == {
        "resource": {"databricks_group": {"analysts": {"display_name": "analysts"}}}
    }
