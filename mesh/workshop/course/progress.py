"""How far a class is: an outcome for each student and task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import Outcome, State
from mesh.workshop.student import Student
from mesh.workshop.course.task import Task


@dataclass(frozen=True)
class Progress:
    """How far a class is.

    Args:
        workshop: its name.
        at: when the workspace was asked.
        tasks: the columns, in order.
        outcomes: by student, one per task.
        unseen: what could not be looked at.
        failing: what the workspace says since it does not answer any more; None while it does.
    """

    workshop: str
    at: datetime
    tasks: tuple[Task, ...]
    outcomes: Mapping[Student, tuple[Outcome, ...]]
    unseen: tuple[str, ...] = ()
    failing: str | None = None

    @property
    def students(self) -> tuple[Student, ...]:
        """Everybody, in order of names."""
        return tuple(self.outcomes)

    @property
    def done(self) -> tuple[int, ...]:
        """How many students have done each task."""
        columns = zip(*self.outcomes.values(), strict=True) if self.outcomes else ([] for _ in self.tasks)
        return tuple(sum(one.state is State.DONE for one in column) for column in columns)

    def stale(self, why: str) -> Progress:
        """The same, when the workspace could not be asked again."""
        return replace(self, failing=why)


def progress(
    workshop: str, students: Iterable[Student], tasks: Sequence[Task], evidence: Evidence
) -> Progress:
    """How far students are by the evidence.

    Args:
        workshop: its name.
        students: in any order.
        tasks: in order.
        evidence: what the workspace says of them.
    """
    ordered = sorted(students, key=lambda one: (one.name.casefold(), one.email))
    outcomes = {one: tuple(task.check(one, evidence) for task in tasks) for one in ordered}
    return Progress(workshop, evidence.at, tuple(tasks), outcomes, evidence.unseen)


def shown_names(students: Sequence[Student]) -> dict[Student, str]:
    """What each is called in front of the class: first name and initial, and never an address.

    Two who would be called the same get more letters of their last names; who still are, a number.
    """
    words = {one: _words(one) for one in students}
    longest = min(max((len(last) for _, last in words.values()), default=0), _LONGEST_NAME)
    shown = {one: _called(*words[one], 1) for one in students}
    for letters in range(2, longest + 1):
        taken = Counter(shown.values())
        shown = {
            one: _called(*words[one], letters) if taken[name] > 1 else name for one, name in shown.items()
        }
    numbers: Counter[str] = Counter()
    taken = Counter(shown.values())
    for one in sorted(students, key=lambda one: one.email):
        if taken[shown[one]] > 1:
            numbers[shown[one]] += 1
            shown[one] = f"{shown[one]} {numbers[shown[one]]}"
    return shown


_LONGEST_NAME = 24


def _words(student: Student) -> tuple[str, str]:
    """First and last name; of a name that is an address nothing, so that the branch stands for it."""
    words = [] if "@" in student.name else student.name.split()
    first, *rest = words or [student.branch]
    return first, rest[-1] if rest else ""


def _called(first: str, last: str, letters: int) -> str:
    initial = last if len(last) <= letters else f"{last[:letters]}."
    return f"{first[:_LONGEST_NAME]} {initial}".strip()
