"""Rule `job-timeout`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import JobTimeoutFile
from mesh.rules.subject import JobSubject, Violation


def job_timeout(subject: JobSubject, given: JobTimeoutFile) -> Iterator[Violation]:
    """Every job has a timeout, its own or inherited; Databricks has none by default. Pipelines have none."""
    if subject.entry.kind != "job":
        return
    setting = subject.settings.timeout_seconds
    if setting is None or setting.value == 0:  # Databricks documentation, Jobs API: 0 means no timeout
        message = f"{subject.label} has no timeout (add `timeout_seconds`, {given.longest} at most)"
        yield subject.violation(message, "timeout_seconds")
    elif setting.value > given.longest:
        message = f"{subject.label} may run for {setting.value} s ({given.longest} at most; {setting.origin})"
        yield subject.violation(message, "timeout_seconds")
