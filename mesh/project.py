"""A project: a team's flows, deployed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from mesh.document import Document
from mesh.flow import Flow
from mesh.level import Name, SharingLevel
from mesh.naming import NamingConfig
from mesh.volume import VolumeFile


class ProjectFile(SharingLevel):
    """What a project.yml may say."""

    volumes: Mapping[Name, VolumeFile] = Field(default_factory=dict)
    """Managed volumes by name."""


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
        flows: in order of their paths.
    """

    org: str | None
    domain: str
    name: str
    folder: str
    document: Document
    declared: ProjectFile
    naming: NamingConfig
    flows: tuple[Flow, ...]

    @property
    def path(self) -> str:
        """Where it is in the mesh, for example `acme/transport/taxinyc`."""
        return "/".join(level for level in (self.org, self.domain, self.name) if level)
