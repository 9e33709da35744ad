"""The stack of the resources that the projects of an org share in one workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datamesh.bindings import Construct, cdktf
from datamesh.workspace_foundation import WorkspaceFoundation
from mesh.deployment import workspace_foundation as model
from mesh.documents.terraform_text import literal
from stacks.refusal import refuse
from stacks.state import deployable


class WorkspaceFoundationStack(cdktf.TerraformStack):
    """Groups and compute of one org in one workspace, in a separate state."""

    def __init__(
        self,
        scope: Construct,
        foundation: model.WorkspaceFoundation,
        root: Path,
        refusals: Sequence[str] = (),
    ) -> None:
        """Adds the stack to an app.

        Args:
            scope: the app.
            foundation: its content.
            root: the mesh's root.
            refusals: the reasons against a deployment from this checkout; every plan fails with them.
        """
        super().__init__(scope, foundation.stack)
        deployable(self, root, foundation.backend, foundation.environment.workspace)
        self.shared = WorkspaceFoundation(self, literal(foundation))
        refuse(self, refusals)
