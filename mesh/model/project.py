"""A project: a team's flows, deployed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from pydantic import Field

from mesh.documents.document import Document
from mesh.model.compute import Compute
from mesh.model.defaults import Defaults
from mesh.model.flow import Flow
from mesh.model.grant import ScopedGrantFile
from mesh.model.level import Name, SharingLevel
from mesh.model.naming import NamingConfig
from mesh.model.registered_model import RegisteredModelFile
from mesh.model.task import with_inner
from mesh.model.volume import VolumeFile


class ProjectFile(SharingLevel):
    """The fields of a project.yml."""

    grants: tuple[ScopedGrantFile, ...] = ()
    """Grants on the data below this level, or on one schema or volume."""

    renamed_from: str | None = None
    """The former name, or `domain/project`; state and data are kept."""

    volumes: Mapping[Name, VolumeFile] = Field(default_factory=dict)
    """Volumes by name."""

    registered_models: Mapping[Name, RegisteredModelFile] = Field(default_factory=dict)
    """Registered models by name."""


@dataclass(frozen=True)
class Project:
    """A project as its folder declares it.

    Args:
        org: the org's name; None where `domains/` is at the root.
        domain: the domain's name.
        name: the project's name.
        folder: from the mesh's root.
        document: its project.yml.
        declared: the fields of that file.
        naming: its naming templates.
        compute: the fields of its compute.yml.
        defaults: the fields of its defaults.yml.
        flows: in order of their paths.
        libs: the folder of code that its flows share, relative to the mesh's root; None if absent.
    """

    org: str | None
    domain: str
    name: str
    folder: str
    document: Document
    declared: ProjectFile
    naming: NamingConfig
    compute: Compute
    defaults: Defaults
    flows: tuple[Flow, ...]
    libs: str | None = None

    def in_environment(self, name: str) -> Project:
        """Returns the project with its flows as declared for one environment."""
        return replace(self, flows=tuple(flow.in_environment(name) for flow in self.flows))

    @cached_property
    def named_elsewhere(self) -> tuple[str, ...]:
        """The files elsewhere in the repository that its tasks name, in all possible spellings, in order."""
        inside = f"{self.folder}/"
        run = (
            file
            for flow in self.flows
            for job in flow.jobs
            for task in with_inner(job.tasks)
            for file in task.files
        )
        outside = (file for file in run if file.path and not f"{file.path}/".startswith(inside))
        return tuple(sorted({path for file in outside for path in file.candidates}))

    @property
    def path(self) -> str:
        """The path in the mesh, for example `acme/transport/taxinyc`."""
        return "/".join(level for level in (self.org, self.domain, self.name) if level)

    @property
    def former_path(self) -> str:
        """The path in the mesh that its state and data are named after."""
        levels = (self.org, *former_levels(self.declared, self.domain, self.name))
        return "/".join(level for level in levels if level)


def former_levels(declared: ProjectFile, domain: str, name: str) -> tuple[str, str]:
    """Returns the domain and name that a project's state and data are named after.

    Args:
        declared: its project.yml.
        domain: its domain now.
        name: its name now.
    """
    if declared.renamed_from is None:
        return domain, name
    *above, former = declared.renamed_from.split("/")
    return (above[-1] if above else domain), former
