"""A domain: the projects of one part of an org."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mesh.documents.document import Document
from mesh.model.compute import Compute
from mesh.model.defaults import Defaults
from mesh.model.level import SharingLevel
from mesh.model.project import Project


class DomainFile(SharingLevel):
    """What a domain.yml may say."""


@dataclass(frozen=True)
class Domain:
    """A domain as its folder declares it.

    Args:
        name: its name.
        document: its domain.yml.
        declared: what that says.
        compute: what its compute.yml says.
        defaults: what its defaults.yml says.
        projects: in order of their names.
    """

    name: str
    document: Document
    declared: DomainFile
    compute: Compute
    defaults: Defaults
    projects: tuple[Project, ...]

    def in_environment(self, name: str) -> Domain:
        """The domain with its flows as they are declared for one environment."""
        return replace(self, projects=tuple(project.in_environment(name) for project in self.projects))
