"""The stack of one deployment of a project."""

from __future__ import annotations

from pathlib import Path

from cdktf import TerraformStack
from constructs import Construct

from datamesh.literal import literal
from datamesh.project import Project
from mesh.deployment import Deployment
from stacks.state import deployable


class ProjectStack(TerraformStack):
    """One project in one environment for one identity, in a state of its own."""

    def __init__(self, scope: Construct, deployment: Deployment, root: Path) -> None:
        """Add the stack to an app.

        Args:
            scope: the app.
            deployment: what it holds.
            root: the mesh's root.
        """
        super().__init__(scope, deployment.stack)
        deployable(self, root, deployment.state_file)
        self.project = Project(self, literal(deployment))
