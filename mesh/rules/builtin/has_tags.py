"""Rule `has-tags`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import HasTagsFile
from mesh.rules.subject import JobSubject, Violation


def has_tags(subject: JobSubject, given: HasTagsFile) -> Iterator[Violation]:
    """Jobs and pipelines have the tags that the org needs, their own or inherited."""
    missing = [f"`{tag}`" for tag in given.tags if tag not in subject.settings.tags]
    if missing:
        tags = f"{'tag' if len(missing) == 1 else 'tags'} {', '.join(missing)}"
        message = f"{subject.label} lacks the {tags} (add to `tags` here or in a defaults.yml)"
        yield subject.violation(message, "tags")
