"""A domain: the projects of one business area of an org."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mesh.documents.document import Document
from mesh.model.compute import Compute
from mesh.model.defaults import Defaults
from mesh.model.discover import DiscoverFile
from mesh.model.level import SharingLevel
from mesh.model.project import Project


class DomainFile(SharingLevel):
    """The fields of a domain.yml."""

    discover: DiscoverFile | None = None
    """Shows it as a domain on the page Discover of Databricks."""


@dataclass(frozen=True)
class Domain:
    """A domain as its folder declares it.

    Args:
        name: its name.
        document: its domain.yml.
        declared: the fields of that file.
        compute: the fields of its compute.yml.
        defaults: the fields of its defaults.yml.
        projects: in order of their names.
    """

    name: str
    document: Document
    declared: DomainFile
    compute: Compute
    defaults: Defaults
    projects: tuple[Project, ...]

    def in_environment(self, name: str) -> Domain:
        """Returns the domain with its flows as declared for one environment."""
        return replace(self, projects=tuple(project.in_environment(name) for project in self.projects))
