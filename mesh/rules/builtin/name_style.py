"""Rule `name-style`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.model.rules_file import NameStyleFile
from mesh.rules.subject import DomainSubject, FlowSubject, ProjectSubject, Violation

_SEPARATORS: Mapping[str, str] = {"snake_case": "_", "kebab-case": "-", "lowercase": ""}


def name_style(
    subject: DomainSubject | ProjectSubject | FlowSubject, given: NameStyleFile
) -> Iterator[Violation]:
    """Names of domains, projects and flows have one style."""
    names = [subject.name]
    if isinstance(subject, FlowSubject):
        names += [step for step in (subject.declared.flowtype, *subject.declared.part) if step]
    for name in names:
        if not _has_style(name, _SEPARATORS[given.style]):
            yield subject.violation(f"the name `{name}` is not in {given.style} (rename the folder)")
        if len(name) > given.longest:
            shown = f"`{name[:60]}`"
            yield subject.violation(f"the name {shown} has more than {given.longest} characters (shorten it)")


def _has_style(name: str, separator: str) -> bool:
    """True for lower-case words of letters and digits that `separator` joins; a letter comes first."""
    words = name.split(separator) if separator else [name]
    return all(word.isalnum() and word == word.lower() for word in words) and not name[0].isdigit()
