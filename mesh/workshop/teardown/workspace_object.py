"""What is there in a workspace, as far as a workshop may have to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WORDS: Mapping[str, str] = {
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
class Thing:
    """Something in the workspace.

    Args:
        type: its Terraform type.
        id: what Terraform's state would know it by.
        name: what people know it by.
        owner: who owns it.
        creator: who made it.
        marks: its properties or tags.
        place: of jobs and pipelines, the full name of the schema that they say they fill; of schemas, their
            catalog.
        policies: the ids of the cluster policies that its clusters take.
        experiment: of jobs, the experiment that they are told to track in.
    """

    type: str
    id: str
    name: str
    owner: str | None = None
    creator: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    policies: frozenset[str] = frozenset()
    experiment: str | None = None

    def __str__(self) -> str:
        return f"{WORDS.get(self.type, self.type)} {self.name}"

    @property
    def catalog(self) -> str | None:
        """The catalog that it lies in, or fills."""
        return self.place.partition(".")[0] if self.place else None
