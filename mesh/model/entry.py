"""An entry of a deployment.yml: one job or one pipeline of a flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from mesh.documents.document import Document
from mesh.model.flow_file import FlowFile
from mesh.model.library import LocalLibrary, local_libraries
from mesh.model.pipeline import PipelineFile
from mesh.model.task import Task, declared_tasks

if TYPE_CHECKING:
    from mesh.model.flow import Flow

EntryKind = Literal["job", "pipeline"]


@dataclass(frozen=True)
class EntryDeclaration:
    """The declaration of one job or pipeline in the list `jobs` or `pipelines`.

    Args:
        document: the entry's section of the file, merged with the fields that all entries share.
        declared: its fields.
    """

    document: Document
    declared: FlowFile


@dataclass(frozen=True)
class Entry:
    """One job or one pipeline of a flow.

    Args:
        flow: the flow that declares it.
        name: its name in the list `jobs` or `pipelines`; None if the flow declares it outside of these lists.
        document: its section of deployment.yml, merged with the fields that all entries share.
        declared: its fields.
    """

    flow: Flow
    name: str | None
    document: Document
    declared: FlowFile

    @property
    def kind(self) -> EntryKind:
        """Whether it is a job or a pipeline."""
        return "pipeline" if isinstance(self.declared, PipelineFile) else "job"

    @property
    def path(self) -> str:
        """The path in the mesh: the path of the flow, followed by the name in the list."""
        return f"{self.flow.path}/{self.name}" if self.name else self.flow.path

    @property
    def id(self) -> str:
        """Its Terraform name, for example `prep_revenue` or `prep_revenue_nightly`."""
        return entry_id(self.flow.id, self.name)

    @property
    def file(self) -> str:
        """The path of its deployment.yml, relative to the mesh's root."""
        return self.document.file

    @property
    def folder(self) -> PurePosixPath:
        """The folder of its flow, relative to the mesh's root."""
        return self.flow.folder

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of a job; empty for a pipeline."""
        return declared_tasks(self.declared.passed, self.file)

    @cached_property
    def local_libraries(self) -> tuple[LocalLibrary, ...]:
        """The wheels, jars and requirements in the repository that it installs."""
        return local_libraries(self.declared.passed, self.tasks, self.file)

    @property
    def job_clusters(self) -> dict[str, int]:
        """The index of each job cluster that the job declares, by key."""
        declared = self.declared.passed.get("job_clusters")
        clusters = enumerate(declared if isinstance(declared, list) else [])
        keys = (
            (cluster.get("job_cluster_key") if isinstance(cluster, Mapping) else None, index)
            for index, cluster in clusters
        )
        return {key: index for key, index in keys if isinstance(key, str)}


def entry_id(flow_id: str, name: str | None) -> str:
    """Returns the Terraform name of a job or pipeline.

    Args:
        flow_id: the current or former Terraform name of its flow.
        name: its name in the list `jobs` or `pipelines`; None outside of these lists.
    """
    return f"{flow_id}_{name}" if name else flow_id
