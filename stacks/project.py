"""The stack of one deployment of a project."""

from __future__ import annotations

from pathlib import Path

from datamesh.bindings import Construct, cdktf
from datamesh.deployer import Deployer
from datamesh.project import Project
from mesh.deployment.deployment import Deployment
from mesh.documents.terraform_text import literal
from stacks.state import deployable


class ProjectStack(cdktf.TerraformStack):
    """One project in one environment for one identity, in a separate state."""

    def __init__(self, scope: Construct, deployment: Deployment, root: Path) -> None:
        """Adds the stack to an app.

        Args:
            scope: the app.
            deployment: its content.
            root: the mesh's root.
        """
        super().__init__(scope, deployment.stack)
        deployable(self, root, deployment.backend, deployment.environment.workspace)
        self.project = Project(self, literal(deployment), self._keeper(deployment))
        if deployment.renames:
            moved = [
                {"from": f"databricks_{one.kind}.{one.former}", "to": f"databricks_{one.kind}.{one.id}"}
                for one in deployment.renames
            ]
            self.add_override("moved", moved)

    def _keeper(self, deployment: Deployment) -> str | None:
        """Returns the deployer if schemas get another owner.

        A personal deployment has no other owners; there, the deployer must be the user in its names.
        """
        if user := deployment.identity.user:
            Deployer(self, literal(user))
            return None
        owned = any(schema.owner for schema in deployment.schemas)
        return Deployer(self).principal if owned and not deployment.environment.run_as else None
