"""The course on one machine: a scripted student does every task, and each is done only after that."""

from __future__ import annotations

from tests.course import mistakes
from tests.course.pages import tasks
from tests.course.student import Student, done_tasks, outcomes

# one mistake; tests/course/every_mistake.py makes all, and test_checks.py has the outcomes of all for recorded evidence
MISTAKES = {"01-explore": mistakes.schema_name_typed_by_hand}


def test_each_task_is_done_after_the_student_did_it(student: Student) -> None:
    """Also reports a mistake with a hint. The lines that a page promises are printed."""
    done: list[str] = []
    for name in tasks():
        if name in MISTAKES:
            mistakes.make_mistake(MISTAKES[name], student)
            outcome = outcomes(student)[name]
            assert outcome["state"] == "wrong", outcome
            assert outcome["hint"]
        student.task(name)
        done.append(name)
        assert done_tasks(student) == done
