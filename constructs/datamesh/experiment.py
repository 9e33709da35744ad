"""MLflow experiments."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.arguments import set_arguments
from datamesh.bindings import Construct, cdktf, databricks
from datamesh.permissions import Permissions
from datamesh.protection import lifecycle
from mesh.deployment.flow import FlowDeployment
from mesh.model import experiment as model

_FOLDER = "experiments"  # differs from the Terraform names of flows, which contain a `_`


class Experiments(Construct):
    """The experiments of a project and their folder."""

    def __init__(self, scope: Construct, experiments: Sequence[model.Experiment]) -> None:
        super().__init__(scope, "Experiments")
        self._made: dict[str, Experiment] = {}
        if not experiments:
            return
        # not recursive: users may have personal experiments in this folder
        folder = databricks.directory.Directory(self, "Folder", path=experiments[0].folder)
        folder.override_logical_id(_FOLDER)
        self._made = {experiment.flow: Experiment(self, experiment, folder) for experiment in experiments}

    def of(self, flow: FlowDeployment) -> list[cdktf.ITerraformDependable]:
        """Returns the experiment that a flow declares, if any."""
        return [self._made[flow.path].resource] if flow.path in self._made else []


class Experiment(Construct):
    """An experiment and its permissions."""

    def __init__(
        self, scope: Construct, experiment: model.Experiment, folder: databricks.directory.Directory
    ) -> None:
        super().__init__(scope, f"Experiment {experiment.id}")
        self.resource = databricks.mlflow_experiment.MlflowExperiment(
            self,
            "Resource",
            name=experiment.name,
            depends_on=[folder],
            # Databricks adds tags, and the provider sends tags only at creation
            lifecycle=lifecycle(protected=experiment.protected, ignore_changes=["tags"]),
        )
        self.resource.override_logical_id(experiment.id)
        address = f"databricks_mlflow_experiment.{experiment.id}"
        set_arguments(self.resource, address, experiment.arguments)
        if experiment.permissions:
            permissions = model.permissions_id(experiment.id)
            Permissions(self, permissions, experiment.permissions, experiment_id=self.resource.id)
