"""The tasks with deployments, on one machine: a scripted student does them, and each is done only after that."""

from __future__ import annotations

from tests.course.student import TASKS, Student, done_tasks
from tests.course.test_tasks_by_hand import BY_HAND


def test_each_task_is_done_after_the_student_did_it(student: Student) -> None:
    """They need none of the tasks before. Their mistakes leave objects behind, so they are tested elsewhere."""
    done: list[str] = []
    for name in (one for one in TASKS if one not in BY_HAND):
        TASKS[name](student)
        done.append(name)
        assert done_tasks(student) == done
