"""Every mistake of the course, each by a student of its own: `make mistakes`, some minutes.

What is told of each of them is in tests/mesh/workshop/course/test_checks.py as well, by evidence that is written down.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from local.home import Home
from mesh.workshop.student import branches
from tests.course.mistakes import MISTAKES, UNFINISHED, make
from tests.course.pages import ROOT
from tests.course.student import TASKS, Student, join
from tests.support.git_repository import Repository

# what is done before a task can be done wrongly
BEFORE: Mapping[str, tuple[str, ...]] = {
    "01-explore": (),
    "02-run-by-hand": (),
    "03-study-output": ("02-run-by-hand",),
    "04-deploy-dev": (),
    "05-redeploy": ("04-deploy-dev",),
    "06-deploy-prod": ("04-deploy-dev",),
    "07-github-actions": ("04-deploy-dev", "05-redeploy", "06-deploy-prod"),
}
ADMIN = "admin@acme.example"


def every() -> Iterator[tuple[str, str, Callable[[Student], None]]]:
    """Task, what is told of it, and the mistake."""
    for state, mistakes in (("wrong", MISTAKES), ("not yet", UNFINISHED)):
        for task in BEFORE:
            yield from ((task, state, mistake) for mistake in mistakes.get(task, ()))


def main(folder: Path) -> int:
    """Make all of them in one workspace; how many are not told as they should be."""
    cases = list(every())
    # with a dot, which names leave out
    emails = [f"student.{number}@acme.example" for number in range(len(cases))]
    origin = Repository.new(folder / "origin")
    for name in ("orgs", "course", ".brickopscfg"):
        shutil.copytree(ROOT / name, origin.path / name)
    roster = "".join(f"{email},Student,\n" for email in emails)
    origin.commit({".gitignore": ".mesh/\n", "course/roster.csv": f"email,name,team\n{roster}"})
    clone = origin.clone(folder / "admin" / "datamesh").path
    admin = Student(Home(clone), clone, ADMIN, "main")
    admin.type(f"git config user.email {ADMIN}; mesh local up")
    wrong = 0
    try:
        admin.type("mesh workshop deploy --local; mesh workshop data load --local")
        named = branches((email, "Student") for email in emails)
        for email, (task, state, mistake) in zip(emails, cases, strict=True):
            own = origin.clone(folder / email / "datamesh").path
            told = _told(admin, Student(admin.home, own, email, named[email]), task, mistake)
            wrong += told["state"] != state
            mark = "✔" if told["state"] == state else "✘"
            print(
                f"{mark} {task} {mistake.__name__}: {told['state']} {told['why']} ({told['hint']})",
                flush=True,
            )
    finally:
        admin.type("mesh local down")
    return wrong


def _told(
    admin: Student, student: Student, task: str, mistake: Callable[[Student], None]
) -> Mapping[str, str]:
    join(student)
    for name in BEFORE[task]:
        TASKS[name](student)
    make(mistake, student)
    told = json.loads(admin.type("mesh workshop status --local --json 2>/dev/null"))
    [one] = [one for one in told["students"] if one["email"] == student.email]
    found: Mapping[str, str] = one["tasks"][task]
    return found


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        sys.exit(1 if main(Path(made)) else 0)
