"""The progress of a class as JSON, for scripts."""

from __future__ import annotations

import json
from datetime import UTC

from mesh.workshop.course.progress import Progress


def json_text(progress: Progress) -> str:
    """The progress as a JSON object: the tasks with totals, and the students with an outcome per task."""
    tasks = [
        {"task": task.name, "title": task.title, "done": done}
        for task, done in zip(progress.tasks, progress.done, strict=True)
    ]
    students = [
        {
            "email": student.email,
            "name": student.name,
            "team": student.team,
            "branch": student.branch,
            "tasks": {
                task.name: {"state": outcome.state.value, "why": outcome.reason, "hint": outcome.hint}
                for task, outcome in zip(progress.tasks, outcomes, strict=True)
            },
        }
        for student, outcomes in progress.outcomes.items()
    ]
    document = {
        "workshop": progress.workshop,
        "at": progress.read_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tasks": tasks,
        "students": students,
        "unseen": list(progress.unreadable),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
