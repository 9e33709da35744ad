"""Rule `no-grants-to-everybody`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import NoGrantsToEverybodyFile
from mesh.rules.subject import GrantSubject, Violation


def no_grants_to_everybody(subject: GrantSubject, given: NoGrantsToEverybodyFile) -> Iterator[Violation]:
    """No grant is for a group that contains every user."""
    principal = subject.grant.principal
    if principal.strip().lower() in {group.lower() for group in given.groups}:
        message = f"`{principal}` contains every user (grant to the groups that need it)"
        yield subject.violation(message, "principal")
