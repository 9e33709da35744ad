"""MLflow experiments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mesh.documents.passthrough import PassThrough
from mesh.documents.provider_fields import Shape, shape
from mesh.model.permission import Permission


class ExperimentFile(PassThrough):
    """The experiment of a flow in deployment.yml; the deployment sets its name."""

    description: str | None = None
    """A description; by default the flow's description."""

    @classmethod
    def shape(cls) -> Shape:
        """The fields of Terraform's `databricks_mlflow_experiment` that the workspace does not set."""
        of_workspace = ("creation_time", "experiment_id", "last_update_time", "lifecycle_stage", "timeouts")
        return shape("mlflow_experiment").without("name", "description", *of_workspace)


@dataclass(frozen=True)
class Experiment:
    """An experiment as it is deployed.

    Args:
        id: its Terraform name.
        flow: the flow that declares it.
        folder: its folder in the workspace.
        name: its name in MLflow: its path in the workspace.
        arguments: the other Terraform arguments.
        permissions: merged, one per principal.
        protected: True if Terraform refuses to destroy it and its runs.
        formerly: former Terraform names, oldest first.
    """

    id: str
    flow: str
    folder: str
    name: str
    arguments: Mapping[str, Any]
    permissions: tuple[Permission, ...] = ()
    protected: bool = False
    formerly: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, str]:
        """The job parameter with the experiment's name."""
        return {"experiment": self.name}


def permissions_id(id: str) -> str:
    """Returns the Terraform name of an experiment's permissions; permissions of jobs have other names."""
    return f"experiment_{id}"
