"""The progress as JSON."""

from __future__ import annotations

import json

from mesh.workshop.course.outcome import wrong
from mesh.workshop.status.as_json import json_text
from tests.support.class_progress import class_of
from tests.support.classroom import ADA, BO


def test_json_has_tasks_students_and_outcomes() -> None:
    document = json.loads(json_text(class_of(ADA, BO, outcome=wrong("run failed", "look"))))

    assert document["tasks"] == [{"task": "01-a", "title": "A task", "done": 0}]
    assert [one["email"] for one in document["students"]] == [ADA.email, BO.email]
    assert document["students"][0]["tasks"] == {
        "01-a": {"state": "wrong", "why": "run failed", "hint": "look"}
    }
    assert document["at"] == "2026-11-24T09:42:05Z"
