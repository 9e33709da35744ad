"""The deployer of a stack."""

from __future__ import annotations

import json

from datamesh.bindings import Construct, cdktf, databricks


class Deployer(Construct):
    """The user or service principal that Terraform is logged in as."""

    def __init__(self, scope: Construct, expected: str | None = None) -> None:
        """Looks up the deployer.

        Args:
            scope: the stack.
            expected: the user in the deployed names, with templates escaped; the plan fails for other users
                before any change. None accepts every deployer.
        """
        super().__init__(scope, "Deployer")
        lifecycle = None
        if expected:
            refused = f"names are made for {expected}, but ${{self.user_name}} deploys"
            same = cdktf.Postcondition(
                condition=f"${{lower(self.user_name) == lower({json.dumps(expected, ensure_ascii=False)})}}",
                error_message=f"{refused}: set MESH_USER=${{self.user_name}}, or log in as {expected}.",
            )
            lifecycle = cdktf.TerraformResourceLifecycle(postcondition=[same])
        self.resource = databricks.data_databricks_current_user.DataDatabricksCurrentUser(
            self, "Resource", lifecycle=lifecycle
        )
        self.resource.override_logical_id("deployer")

    @property
    def principal(self) -> str:
        """Returns the deployer's name in grants; Terraform reads it during the plan."""
        return self.resource.user_name
