"""Rule `job-failure-notification`."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.model.rules_file import RuleFile
from mesh.rules.subject import JobSubject, Violation


def job_failure_notification(subject: JobSubject, given: RuleFile) -> Iterator[Violation]:
    """Somebody is told when a job or pipeline fails, by e-mail or by a webhook."""
    setting = subject.settings.email_notifications.get("on_failure")
    passed = subject.entry.declared.passed
    hooks = passed.get("webhook_notifications") or {}
    if not (setting and setting.value) and not hooks.get("on_failure") and not passed.get("notifications"):
        message = f"nobody is told when {subject.label} fails (add `email_notifications: {{on_failure: …}}`)"
        yield subject.violation(message, "email_notifications")
