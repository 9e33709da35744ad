"""An object in a workspace that may belong to a workshop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LABELS: Mapping[str, str] = {
    "databricks_catalog": "catalog",
    "databricks_schema": "schema",
    "databricks_job": "job",
    "databricks_pipeline": "pipeline",
    "databricks_cluster": "cluster",
    "databricks_sql_endpoint": "SQL warehouse",
    "databricks_mlflow_experiment": "experiment",
    "databricks_directory": "folder",
    "databricks_repo": "Git folder",
    "databricks_service_principal": "service principal",
    "databricks_user": "user",
    "databricks_group": "group",
}


@dataclass(frozen=True)
class WorkspaceObject:
    """An object in the workspace.

    Args:
        type: its Terraform type.
        id: its id in Terraform's state.
        name: its name in the user interface.
        owner: its owner.
        creator: the user who created it.
        tags: its tags; of catalogs and schemas, their properties.
        parent: of schemas, the catalog; of jobs and pipelines, the full name of the schema that they fill.
        policies: the ids of the cluster policies that its clusters use.
        experiment: of jobs, the experiment in their parameters.
    """

    type: str
    id: str
    name: str
    owner: str | None = None
    creator: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None
    policies: frozenset[str] = frozenset()
    experiment: str | None = None

    def __str__(self) -> str:
        return f"{LABELS.get(self.type, self.type)} {self.name}"

    @property
    def catalog(self) -> str | None:
        """The catalog that it is in, or that it fills."""
        return self.parent.partition(".")[0] if self.parent else None
