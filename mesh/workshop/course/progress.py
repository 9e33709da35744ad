"""The progress of a class: an outcome for each student and task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import Outcome, OutcomeState
from mesh.workshop.course.task import Task
from mesh.workshop.student import Student

_MAX_NAME_LENGTH = 24


@dataclass(frozen=True)
class Progress:
    """The progress of a class at one moment.

    Args:
        workshop: the workshop's name.
        read_at: when the workspace was read.
        tasks: the tasks, in order.
        outcomes: by student, one outcome per task.
        unreadable: objects that the caller has no permission to read.
        failure: the error of the last read, if the workspace no longer answers; else None.
    """

    workshop: str
    read_at: datetime
    tasks: tuple[Task, ...]
    outcomes: Mapping[Student, tuple[Outcome, ...]]
    unreadable: tuple[str, ...] = ()
    failure: str | None = None

    @property
    def students(self) -> tuple[Student, ...]:
        """All students, in order of their names."""
        return tuple(self.outcomes)

    @property
    def done(self) -> tuple[int, ...]:
        """The number of students who have done each task."""
        columns = zip(*self.outcomes.values(), strict=True) if self.outcomes else ([] for _ in self.tasks)
        return tuple(sum(outcome.state is OutcomeState.DONE for outcome in column) for column in columns)

    def with_failure(self, error: str) -> Progress:
        """The same progress, marked as old because the workspace could not be read again."""
        return replace(self, failure=error)


def class_progress(
    workshop: str, students: Iterable[Student], tasks: Sequence[Task], evidence: Evidence
) -> Progress:
    """Checks all tasks for all students.

    Args:
        workshop: the workshop's name.
        students: in any order.
        tasks: in order.
        evidence: read from the workspace.
    """
    ordered = sorted(students, key=lambda student: (student.name.casefold(), student.email))
    outcomes = {student: tuple(task.check(student, evidence) for task in tasks) for student in ordered}
    return Progress(workshop, evidence.read_at, tuple(tasks), outcomes, evidence.unreadable)


def display_names(students: Sequence[Student]) -> dict[Student, str]:
    """The name of each student for the projector: first name and initial, never an address.

    Students with equal display names get more letters of their last names, and finally a number.
    """
    names = {student: _first_and_last(student) for student in students}
    longest = min(max((len(last) for _, last in names.values()), default=0), _MAX_NAME_LENGTH)
    labels = {student: _display_name(*names[student], 1) for student in students}
    for letters in range(2, longest + 1):
        uses = Counter(labels.values())
        labels = {
            student: _display_name(*names[student], letters) if uses[name] > 1 else name
            for student, name in labels.items()
        }
    numbers: Counter[str] = Counter()
    uses = Counter(labels.values())
    for student in sorted(students, key=lambda student: student.email):
        if uses[labels[student]] > 1:
            numbers[labels[student]] += 1
            labels[student] = f"{labels[student]} {numbers[labels[student]]}"
    return labels


def _first_and_last(student: Student) -> tuple[str, str]:
    """First and last name; the branch instead if the name is an address."""
    words = [] if "@" in student.name else student.name.split()
    first, *rest = words or [student.branch]
    return first, rest[-1] if rest else ""


def _display_name(first: str, last: str, letters: int) -> str:
    initial = last if len(last) <= letters else f"{last[:letters]}."
    return f"{first[:_MAX_NAME_LENGTH]} {initial}".strip()
