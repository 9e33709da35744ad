"""A project."""

from __future__ import annotations

from datamesh.access_policy import AccessPolicy
from datamesh.bindings import Construct
from datamesh.code import WorkspaceCode
from datamesh.compute import Compute
from datamesh.experiment import Experiments
from datamesh.flow import Flow
from datamesh.function import Function
from datamesh.registered_model import RegisteredModel
from datamesh.table import Table
from datamesh.volume import Volume
from mesh.deployment.deployment import Deployment
from mesh.model import code as model


class Project(Construct):
    """A project: flows, volumes, models, experiments, compute and workspace code."""

    def __init__(self, scope: Construct, deployment: Deployment, keeper: str | None = None) -> None:
        """Creates the project.

        Args:
            scope: the project's stack.
            deployment: the deployment of the project.
            keeper: the principal that may manage the data besides the owners.
        """
        super().__init__(scope, deployment.project)
        self.code = WorkspaceCode(self, deployment.uploads) if deployment.uploads else None
        files = self.code.resources if self.code else []
        from_git = not isinstance(deployment.code, model.WorkspaceCode) and not deployment.libs
        self.compute = Compute(self, deployment.compute)
        lookups = self.compute.lookups
        self.experiments = Experiments(
            self, [flow.experiment for flow in deployment.flows if flow.experiment]
        )
        self.flows = [
            Flow(self, flow, [*files, *self.experiments.of(flow)], keeper, lookups, from_git)
            for flow in deployment.flows
        ]
        schemas = {id: schema for flow in self.flows for id, schema in flow.schemas.items()}
        self.tables = [Table(self, table, schemas[table.schema]) for table in deployment.tables]
        self.functions = [Function(self, function) for function in deployment.functions if function.grants]
        self.policies = [
            AccessPolicy(self, one, schemas[one.parent].manageable) for one in deployment.policies
        ]
        self.volumes = [Volume(self, volume, schemas[volume.schema]) for volume in deployment.volumes]
        self.registered_models = [
            RegisteredModel(self, model, schemas[model.schema]) for model in deployment.registered_models
        ]
