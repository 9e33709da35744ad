"""The progress of a class, for tests."""

from __future__ import annotations

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet
from mesh.workshop.course.progress import Progress, class_progress
from mesh.workshop.course.task import Task
from mesh.workshop.student import Student
from tests.support.classroom import ADA, NOW


def by_email(email: str, outcome: Outcome) -> Task:
    """A task with this outcome for one student, not done yet for the others."""
    return Task(
        "course/x/01-a", "A task", "deploy dev", lambda one, _: outcome if one.email == email else not_yet()
    )


def class_of(*students: Student, outcome: Outcome = DONE) -> Progress:
    """A class in which Ada has this outcome."""
    return class_progress("dataops", students, [by_email(ADA.email, outcome)], Evidence(NOW))


def student(name: str, number: int = 0) -> Student:
    """A student with this name."""
    return Student(f"s{number}@acme.example", name, None, f"feat-gh{1000 + number}-oslo")
