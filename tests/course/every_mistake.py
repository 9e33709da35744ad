"""Every mistake of the course, each by its own student: `make mistakes`, some minutes.

`make mistakes TASKS="08 13"` makes those of some tasks.

The outcomes are also tested in tests/mesh/workshop/course/test_checks.py, with recorded evidence.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from local.home import Home
from mesh.workshop.student import assign_branches
from tests.course.mistakes import MISTAKES, UNFINISHED, make_mistake
from tests.course.pages import ROOT
from tests.course.student import Student, join
from tests.support.git_repository import Repository

# the tasks to do before the mistake
BEFORE: Mapping[str, tuple[str, ...]] = {
    "01-explore": (),
    "02-run-by-hand": (),
    "03-study-output": ("02-run-by-hand",),
    "04-deploy-dev": (),
    "05-redeploy": ("04-deploy-dev",),
    "06-deploy-prod": ("04-deploy-dev",),
    "07-github-actions": ("04-deploy-dev", "05-redeploy", "06-deploy-prod"),
    "08-pipeline-by-hand": (),
    "09-expectations": (),
    "10-deploy-pipeline": (),
    "11-pipeline-to-prod": ("05-redeploy", "06-deploy-prod", "10-deploy-pipeline"),
    "12-contract": (),
    "13-quality": ("04-deploy-dev",),
    "14-all-from-actions": ("05-redeploy", "06-deploy-prod", "12-contract", "13-quality"),
}
ADMIN = "admin@acme.example"


def every() -> Iterator[tuple[str, str, Callable[[Student], None]]]:
    """Task, expected state, and mistake."""
    for state, mistakes in (("wrong", MISTAKES), ("not yet", UNFINISHED)):
        for task in BEFORE:
            yield from ((task, state, mistake) for mistake in mistakes.get(task, ()))


def main(folder: Path, numbers: Collection[str] = ()) -> int:
    """Makes all mistakes, or those of some tasks, in one workspace; returns the number of wrong states."""
    cases = [one for one in every() if not numbers or one[0][:2] in numbers]
    # with a dot, which short names omit
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
        branches = assign_branches((email, "Student") for email in emails)
        for email, (task, state, mistake) in zip(emails, cases, strict=True):
            own = origin.clone(folder / email / "datamesh").path
            outcome = _outcome(admin, Student(admin.home, own, email, branches[email]), task, mistake)
            wrong += outcome["state"] != state
            mark = "✔" if outcome["state"] == state else "✘"
            print(
                f"{mark} {task} {mistake.__name__}: {outcome['state']} {outcome['why']} ({outcome['hint']})",
                flush=True,
            )
    finally:
        admin.type("mesh local down")
    return wrong


def _outcome(
    admin: Student, student: Student, task: str, mistake: Callable[[Student], None]
) -> Mapping[str, str]:
    join(student)
    for name in BEFORE[task]:
        student.task(name)
    make_mistake(mistake, student)
    status = json.loads(admin.type("mesh workshop status --local --json 2>/dev/null"))
    [one] = [one for one in status["students"] if one["email"] == student.email]
    outcome: Mapping[str, str] = one["tasks"][task]
    return outcome


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        sys.exit(1 if main(Path(made), sys.argv[1:]) else 0)
