"""MLflow experiments: what is tried to make a model, run by run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mesh.documents.passthrough import PassThrough
from mesh.documents.provider_fields import Shape, shape
from mesh.model.permission import Permission


class ExperimentFile(PassThrough):
    """The experiment of a flow, as its deployment.yml declares it; the deployment names it."""

    description: str | None = None
    """What is tried; by default the flow's description."""

    @classmethod
    def shape(cls) -> Shape:
        """Terraform's `databricks_mlflow_experiment`, without what only the workspace knows."""
        of_workspace = ("creation_time", "experiment_id", "last_update_time", "lifecycle_stage", "timeouts")
        return shape("mlflow_experiment").without("name", "description", *of_workspace)


@dataclass(frozen=True)
class Experiment:
    """An experiment as it is deployed.

    Args:
        id: its Terraform name.
        flow: the flow that declares it.
        folder: the folder of the workspace that it lies in.
        name: its name in MLflow, which is its path in the workspace.
        arguments: what Terraform gets besides.
        permissions: one per principal.
        protected: whether Terraform refuses to destroy it, and the runs in it.
        formerly: Terraform names that it had before, oldest first.
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
        """The job parameters that say where to track."""
        return {"experiment": self.name}


def permissions_id(id: str) -> str:
    """The Terraform name of an experiment's permissions, which no job's are called."""
    return f"experiment_{id}"
