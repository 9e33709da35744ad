"""All permissions on one workspace object."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import Construct, cdktf, databricks
from mesh.model.permission import Permission


class Permissions(Construct):
    """The authoritative list of permissions on one object; Terraform revokes all other permissions.

    The provider keeps the deployer's right to manage the object. Without permissions, nothing is created.
    """

    def __init__(
        self, scope: Construct, logical_id: str, permissions: Sequence[Permission], **object: str
    ) -> None:
        """Creates the permissions.

        Args:
            scope: the object's construct.
            logical_id: the Terraform name, unique among the permissions of the stack.
            permissions: one per principal.
            object: an argument of `databricks_permissions`, for example `cluster_id=…`.
        """
        super().__init__(scope, "Permissions")
        self.resource: databricks.permissions.Permissions | None = None
        if not permissions:
            return
        self.resource = databricks.permissions.Permissions(
            self,
            "Resource",
            access_control=[
                databricks.permissions.PermissionsAccessControl(
                    permission_level=permission.level, **{permission.kind: permission.principal}
                )
                for permission in permissions
            ],
            **object,  # type: ignore[arg-type]
        )
        self.resource.override_logical_id(logical_id)

    def wait_for(self, principals: Sequence[cdktf.TerraformResource]) -> None:
        """Makes the permissions depend on principals: permissions contain only the names of principals."""
        if self.resource and principals:
            addresses = [
                f"{principal.terraform_resource_type}.{principal.friendly_unique_id}"
                for principal in principals
            ]
            self.resource.depends_on = addresses
