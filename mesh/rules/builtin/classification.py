"""Rule `classification`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import ClassificationFile
from mesh.rules.subject import JobSubject, Violation


def classification(subject: JobSubject, given: ClassificationFile) -> Iterator[Violation]:
    """Jobs and pipelines classify the data that they write."""
    tag, known = given.tag, f"one of {', '.join(given.values)}"
    setting = subject.settings.tags.get(tag)
    if setting is None:
        message = f"{subject.label} does not classify its data (add the tag `{tag}`: {known})"
        yield subject.violation(message, "tags")
    elif setting.value not in given.values:
        message = f"`{setting.value[:60]}` is not a class of data ({known}; declared at {setting.origin})"
        yield subject.violation(message, "tags", tag)
