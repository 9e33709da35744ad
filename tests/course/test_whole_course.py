"""The whole course on one machine: a scripted student does every task, and each is done only after that."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local.home import Home
from mesh.workshop.student import assign_branches
from tests.course import mistakes
from tests.course.pages import ROOT
from tests.course.student import TASKS, Student, join_alone
from tests.support.git_repository import Repository

# one mistake of each task without a deployment; tests/course/every_mistake.py makes all mistakes
BY_HAND = {
    "01-explore": mistakes.schema_name_typed_by_hand,
    "02-run-by-hand": mistakes.only_the_first_notebook,
    "03-study-output": mistakes.sorted_the_wrong_way,
}
EMAIL = "ada.lovelace@acme.example"


@pytest.fixture
def student(tmp_path: Path) -> Iterator[Student]:
    """A student with a clone and a local workspace, before the first task."""
    origin = Repository.new(tmp_path / "origin")
    for name in ("orgs", "course", ".brickopscfg"):
        shutil.copytree(ROOT / name, origin.path / name)
    origin.commit({".gitignore": ".mesh/\n"})
    clone = origin.clone(tmp_path / "datamesh").path
    branch = assign_branches([(EMAIL, "Student")])[EMAIL]
    ada = Student(Home(clone), clone, EMAIL, branch)
    try:
        join_alone(ada)
        yield ada
    finally:
        ada.type("mesh local down")


def outcomes(student: Student) -> Mapping[str, Mapping[str, str]]:
    """The student's outcomes in `mesh workshop status`, by task."""
    status = json.loads(student.type("mesh workshop status --local --json 2>/dev/null"))
    tasks: Mapping[str, Mapping[str, str]] = status["students"][0]["tasks"]
    return tasks


def test_each_task_is_done_after_the_student_did_it(student: Student) -> None:
    """Also reports a mistake with a hint. Mistakes with deployments leave objects behind, so they are tested elsewhere."""
    done: list[str] = []
    for name, do in TASKS.items():
        if mistake := BY_HAND.get(name):
            mistakes.make_mistake(mistake, student)
            outcome = outcomes(student)[name]
            assert outcome["state"] == "wrong", outcome
            assert outcome["hint"]
        do(student)
        done.append(name)
        assert [task for task, one in outcomes(student).items() if one["state"] == "done"] == done
