"""Permissions in Terraform."""

from __future__ import annotations

from datamesh.permissions import Permissions
from mesh.model.permission import Permission


def test_an_objects_permissions_are_one_authoritative_resource(synth) -> None:
    """One block per principal."""
    given = [
        Permission("group_name", "analysts", "CAN_ATTACH_TO"),
        Permission("user_name", "ola@acme.example", "CAN_MANAGE"),
    ]
    made = synth(lambda scope: Permissions(scope, "cluster_shared", given, cluster_id="0-1"))
    assert made == {
        "resource": {
            "databricks_permissions": {
                "cluster_shared": {
                    "cluster_id": "0-1",
                    "access_control": [
                        {"group_name": "analysts", "permission_level": "CAN_ATTACH_TO"},
                        {"user_name": "ola@acme.example", "permission_level": "CAN_MANAGE"},
                    ],
                }
            }
        }
    }


def test_without_permissions_there_is_no_permissions_resource(synth) -> None:
    """An empty authoritative list would revoke permissions set by hand."""
    assert synth(lambda scope: Permissions(scope, "cluster_shared", [], cluster_id="0-1")) == {}
