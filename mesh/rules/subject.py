"""What rules are about: domains, projects, flows, jobs, pipelines and grants in one environment."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mesh.deployment.job_settings import Settings, merge_settings
from mesh.deployment.scope import Scope
from mesh.documents.document import Document, Location
from mesh.model.access import Access, grant_lists
from mesh.model.domain import Domain
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.grant import Grant
from mesh.model.org import Org
from mesh.model.project import Project
from mesh.model.task import Task


@dataclass(frozen=True)
class Violation:
    """A place that breaks a rule.

    Args:
        message: the wrong value and, in parentheses, the remedy.
        document: the file to correct.
        at: the position in that file.
    """

    message: str
    document: Document
    at: Location = ()


class Subject(ABC):
    """What a rule is about."""

    @property
    @abstractmethod
    def path(self) -> str:
        """Its path in the mesh, which waivers name."""

    @property
    @abstractmethod
    def document(self) -> Document:
        """The file that declares it."""

    def violation(self, message: str, *at: str | int) -> Violation:
        """A violation in the file that declares the subject.

        Args:
            message: the wrong value and, in parentheses, the remedy.
            at: the position of the wrong value, for example `"tasks", 0, "timeout_seconds"`; if there is no
                such value, the nearest one around it is used.
        """
        return Violation(message, self.document, at)


@dataclass(frozen=True)
class LevelSubject(Subject):
    """A domain, project or flow.

    Args:
        declared: what its folder declares.
    """

    declared: Domain | Project | Flow

    @property
    def name(self) -> str:
        """Its name."""
        return self.declared.name

    @property
    def document(self) -> Document:
        """The file that declares it."""
        return self.declared.document

    @property
    def description(self) -> str | None:
        """Its purpose."""
        return self.declared.declared.description


@dataclass(frozen=True)
class DomainSubject(LevelSubject):
    """A domain.

    Args:
        declared: the domain.
        org: its org.
    """

    declared: Domain
    org: Org

    @property
    def path(self) -> str:
        """Its path in the mesh."""
        return "/".join(filter(None, (self.org.name, self.name)))


@dataclass(frozen=True)
class ProjectSubject(LevelSubject):
    """A project.

    Args:
        declared: the project, as declared for the environment.
        scope: the project with its environment.
    """

    declared: Project
    scope: Scope

    @property
    def path(self) -> str:
        """Its path in the mesh."""
        return self.declared.path

    @property
    def owners(self) -> Mapping[str, str | None]:
        """The owner that each level declares: project, domain, org."""
        scope = self.scope
        return {
            "project": self.declared.declared.owner,
            "domain": scope.domain.declared.owner,
            "org": scope.org.declared.owner,
        }


@dataclass(frozen=True)
class FlowSubject(LevelSubject):
    """A flow.

    Args:
        declared: the flow, as declared for the environment.
        scope: its project with the environment.
    """

    declared: Flow
    scope: Scope

    @property
    def path(self) -> str:
        """Its path in the mesh."""
        return self.declared.path


@dataclass(frozen=True)
class JobSubject(Subject):
    """A job or pipeline.

    Args:
        scope: its project with the environment.
        entry: the job or pipeline, as declared for the environment.
    """

    scope: Scope
    entry: Entry

    @property
    def label(self) -> str:
        """What messages call it: `job` or `pipeline`, with its name if the flow has several."""
        return f"{self.entry.kind} `{self.entry.name}`" if self.entry.name else f"the {self.entry.kind}"

    @property
    def path(self) -> str:
        """Its path in the mesh."""
        return self.entry.path

    @property
    def document(self) -> Document:
        """Its section of deployment.yml."""
        return self.entry.document

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Its tasks; none for a pipeline."""
        return self.entry.tasks

    @cached_property
    def settings(self) -> Settings:
        """Its settings, merged from all levels, each with its origin."""
        scope = self.scope
        return merge_settings(scope.org, scope.domain, scope.project, self.entry)


@dataclass(frozen=True)
class GrantSubject(Subject):
    """A declared grant.

    Args:
        level: the path of the level whose file declares it.
        file: that file.
        at: its position.
        grant: the principal, and the privileges with roles expanded.
    """

    level: str
    file: Document
    at: Location
    grant: Grant

    @property
    def path(self) -> str:
        """The path of its level in the mesh."""
        return self.level

    @property
    def document(self) -> Document:
        """The file that declares it."""
        return self.file

    def violation(self, message: str, *at: str | int) -> Violation:
        """A violation at the grant, or at one of its fields."""
        return Violation(message, self.document, (*self.at, *at))


def grant_subjects(org: Org) -> Iterator[GrantSubject]:
    """The grants of an org at all levels, in the order of the files."""
    paths = {org.document.file: org.name or ""}
    for domain in org.domains:
        paths[domain.document.file] = DomainSubject(domain, org).path
        for project in domain.projects:
            paths[project.document.file] = project.path
            paths |= {flow.document.file: flow.path for flow in project.flows}
    access = Access(org)
    for declaration in grant_lists(org):
        for index, grant in enumerate(access.declared(declaration)):
            at = (*declaration.at, index)
            yield GrantSubject(paths[declaration.document.file], declaration.document, at, grant)
