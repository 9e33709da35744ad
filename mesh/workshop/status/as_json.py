"""The class as JSON, for scripts."""

from __future__ import annotations

import json
from datetime import UTC

from mesh.workshop.course.progress import Progress


def json_text(progress: Progress) -> str:
    """The class as a JSON object: its tasks with totals, and its students with an outcome per task."""
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
                task.name: {"state": one.state.value, "why": one.why, "hint": one.hint}
                for task, one in zip(progress.tasks, outcomes, strict=True)
            },
        }
        for student, outcomes in progress.outcomes.items()
    ]
    told = {
        "workshop": progress.workshop,
        "at": progress.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tasks": tasks,
        "students": students,
        "unseen": list(progress.unseen),
    }
    return json.dumps(told, indent=2, ensure_ascii=False)
