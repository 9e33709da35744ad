"""Rule `no-all-privileges`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import RuleFile
from mesh.rules.subject import GrantSubject, Violation


def no_all_privileges(subject: GrantSubject, given: RuleFile) -> Iterator[Violation]:
    """No grant has ALL_PRIVILEGES, which also includes privileges that Unity Catalog gets in the future."""
    if "ALL_PRIVILEGES" in subject.grant.privileges:
        message = f"`{subject.grant.principal}` gets ALL_PRIVILEGES (name the privileges, or use a role)"
        yield subject.violation(message)
