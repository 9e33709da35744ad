"""Rule `has-owner`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import HasOwnerFile
from mesh.rules.subject import ProjectSubject, Violation

_LEVELS = ("project", "domain", "org")


def has_owner(subject: ProjectSubject, given: HasOwnerFile) -> Iterator[Violation]:
    """Every project has an owner, its own or inherited."""
    levels = _LEVELS[: _LEVELS.index(given.inherited_from) + 1]
    if not any(subject.owners[level] for level in levels):
        places = " or ".join(f"{level}.yml" for level in levels)
        yield subject.violation(f"project `{subject.name}` has no owner (add `owner` to {places})", "owner")
