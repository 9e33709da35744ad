"""Rule `has-description`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import HasDescriptionFile, MeshLevel
from mesh.rules.subject import DomainSubject, FlowSubject, ProjectSubject, Violation


def has_description(
    subject: DomainSubject | ProjectSubject | FlowSubject, given: HasDescriptionFile
) -> Iterator[Violation]:
    """Domains, projects and flows have a description."""
    level = _level(subject)
    if level in given.levels and not (subject.description or "").strip():
        message = f"{level} `{subject.name}` has no description (say in `description` what it is for)"
        yield subject.violation(message, "description")


def _level(subject: DomainSubject | ProjectSubject | FlowSubject) -> MeshLevel:
    if isinstance(subject, FlowSubject):
        return "flow"
    return "project" if isinstance(subject, ProjectSubject) else "domain"
