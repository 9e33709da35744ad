"""All permissions on one object of a workspace."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResource
from cdktf_cdktf_provider_databricks.permissions import Permissions as PermissionsResource
from cdktf_cdktf_provider_databricks.permissions import PermissionsAccessControl
from constructs import Construct

from mesh.model.permission import Permission


class Permissions(Construct):
    """The authoritative list of permissions on one object; what is not in it is taken away.

    The provider keeps the deployer's own right to manage it. Nothing is made where nothing is permitted.
    """

    def __init__(
        self, scope: Construct, logical_id: str, permissions: Sequence[Permission], **object: str
    ) -> None:
        """Permit.

        Args:
            scope: the object's construct.
            logical_id: the Terraform name, which is unique among those of all permissions in the stack.
            permissions: one per principal.
            object: its kind and id as `databricks_permissions` names them, for example `cluster_id=…`.
        """
        super().__init__(scope, "Permissions")
        self.resource: PermissionsResource | None = None
        if not permissions:
            return
        self.resource = PermissionsResource(
            self,
            "Resource",
            access_control=[
                PermissionsAccessControl(permission_level=one.level, **{one.kind: one.principal})
                for one in permissions
            ],
            **object,  # type: ignore[arg-type]
        )
        self.resource.override_logical_id(logical_id)

    def wait_for(self, principals: Sequence[TerraformResource]) -> None:
        """Permit after these are made: permissions name principals without a reference to them."""
        if self.resource and principals:
            made = [f"{one.terraform_resource_type}.{one.friendly_unique_id}" for one in principals]
            self.resource.depends_on = made
