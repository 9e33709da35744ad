"""A project."""

from __future__ import annotations

from constructs import Construct

from datamesh.code import WorkspaceCode
from datamesh.flow import Flow
from datamesh.volume import Volume
from mesh import code as model
from mesh.deployment import Deployment


class Project(Construct):
    """One project: its flows, its volumes and, where jobs do not take it from git, its code."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(scope, deployment.project)
        self.code = (
            WorkspaceCode(self, deployment.code) if isinstance(deployment.code, model.WorkspaceCode) else None
        )
        files = self.code.resources if self.code else []
        self.flows = [Flow(self, flow, files) for flow in deployment.flows]
        schemas = {id: schema for flow in self.flows for id, schema in flow.schemas.items()}
        self.volumes = [Volume(self, volume, schemas[volume.schema]) for volume in deployment.volumes]
