"""What rules about Terraform resources are about: one resource of a plan, as it will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mesh.documents.document import Document, Location
from mesh.rules.subject import Subject, Violation


@dataclass(frozen=True)
class ResourceSubject(Subject):
    """A resource of a plan.

    Args:
        org: the name of its org.
        level: the path in the mesh of the flow or project that declares it.
        type: its type, such as `databricks_job`.
        address: its address in Terraform, such as `databricks_job.revenue`.
        arguments: its attributes after the deployment; what is sensitive or not known yet is a text instead.
        file: the file that declares it.
        at: the position in that file.
    """

    org: str | None
    level: str
    type: str
    address: str
    arguments: Mapping[str, Any]
    file: Document
    at: Location = ()

    @property
    def path(self) -> str:
        """The path of the flow or project in the mesh."""
        return self.level

    @property
    def document(self) -> Document:
        """The file that declares it."""
        return self.file

    def violation(self, message: str, *at: str | int) -> Violation:
        """A violation at the declaration of the resource, or at one of its fields."""
        return Violation(message, self.document, (*self.at, *at))
