"""A project: a team's flows, deployed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import Field

from mesh.documents.document import Document
from mesh.model.compute import Compute
from mesh.model.defaults import Defaults
from mesh.model.flow import Flow
from mesh.model.grant import ScopedGrantFile
from mesh.model.level import Name, SharingLevel
from mesh.model.naming import NamingConfig
from mesh.model.registered_model import RegisteredModelFile
from mesh.model.volume import VolumeFile


class ProjectFile(SharingLevel):
    """What a project.yml may say."""

    grants: tuple[ScopedGrantFile, ...] = ()
    """Who may do what with the data below this level, or with one schema or volume of it."""

    renamed_from: str | None = None
    """What the project was called before, or `domain/project`; its state and its data stay."""

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
        declared: what that says.
        naming: the naming templates that hold for it.
        compute: what its compute.yml says.
        defaults: what its defaults.yml says.
        flows: in order of their paths.
        libs: the folder of code that they share, from the mesh's root; None where there is none.
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
        """The project with its flows as they are declared for one environment."""
        return replace(self, flows=tuple(flow.in_environment(name) for flow in self.flows))

    @property
    def path(self) -> str:
        """Where it is in the mesh, for example `acme/transport/taxinyc`."""
        return "/".join(level for level in (self.org, self.domain, self.name) if level)

    @property
    def former_path(self) -> str:
        """Where it was in the mesh when its state and its data were named."""
        levels = (self.org, *former_levels(self.declared, self.domain, self.name))
        return "/".join(level for level in levels if level)


def former_levels(declared: ProjectFile, domain: str, name: str) -> tuple[str, str]:
    """Domain and name of a project when its state and its data were named.

    Args:
        declared: its project.yml.
        domain: its domain now.
        name: its name now.
    """
    if declared.renamed_from is None:
        return domain, name
    *above, former = declared.renamed_from.split("/")
    return (above[-1] if above else domain), former
