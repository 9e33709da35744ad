"""Rule `job-retries`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import JobRetriesFile
from mesh.rules.subject import JobSubject, Violation


def job_retries(subject: JobSubject, given: JobRetriesFile) -> Iterator[Violation]:
    """Tasks are retried a limited number of times; -1, which retries without end, is over every limit."""
    inherited = subject.settings.retries.get("max_retries")
    for task in subject.tasks:
        own = task.data.get("max_retries")
        retries = own if own is not None else inherited and inherited.value
        if isinstance(retries, int) and not 0 <= retries <= given.most:
            times = "without end" if retries < 0 else f"{retries} times"
            origin = "" if own is not None or inherited is None else f"; {inherited.origin}"
            message = f"task `{task.key}` is retried {times} ({given.most} at most{origin})"
            yield subject.violation(message, *task.at, "max_retries")
