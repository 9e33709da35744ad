"""The second part of the course on one machine: pipelines, contracts, quality rules, and all of it from Actions."""

from __future__ import annotations

from tests.course.pages import PARTS, tasks
from tests.course.student import Student, done_tasks


def test_each_later_task_is_done_after_the_student_did_it(student: Student) -> None:
    """The lines that a page promises are printed. Of the first part, `origin` and the folder `explore` are needed."""
    student.task("05-redeploy", lambda block: "mkdir" in block.text)
    student.task("06-deploy-prod", lambda block: "datamesh-origin" in block.text)
    done: list[str] = []
    later = tasks(PARTS[1:])
    for name in later:
        student.task(name)
        done.append(name)
        # deployments of later tasks count for some of the first part, too
        assert [task for task in done_tasks(student) if task in later] == done
