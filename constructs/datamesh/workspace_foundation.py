"""The resources that the projects of an org share in one workspace."""

from __future__ import annotations

from datamesh.bindings import Construct
from datamesh.compute import Compute
from datamesh.principals import Principals
from mesh.deployment import workspace_foundation as model


class WorkspaceFoundation(Construct):
    """Principals and compute of a workspace."""

    def __init__(self, scope: Construct, foundation: model.WorkspaceFoundation) -> None:
        super().__init__(scope, foundation.org or "Org")
        self.principals = Principals(self, foundation)
        self.compute = Compute(self, foundation.compute, self.principals.resources)
