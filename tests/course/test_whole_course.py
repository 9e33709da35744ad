"""The whole course on one machine: a scripted student does every task, and is seen to have done it only then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local.home import Home
from mesh.workshop.student import branches
from tests.course import mistakes
from tests.course.pages import ROOT
from tests.course.student import TASKS, Student, join_alone
from tests.support.git_repository import Repository

# of each task without a deployment one; tests/course/every_mistake.py makes them all
BY_HAND = {
    "01-explore": mistakes.schema_name_typed_by_hand,
    "02-run-by-hand": mistakes.only_the_first_notebook,
    "03-study-output": mistakes.sorted_the_wrong_way,
}
EMAIL = "ada.lovelace@acme.example"


@pytest.fixture
def student(tmp_path: Path) -> Iterator[Student]:
    """Somebody with a clone, a workspace of their own, and nothing done yet."""
    origin = Repository.new(tmp_path / "origin")
    for name in ("orgs", "course", ".brickopscfg"):
        shutil.copytree(ROOT / name, origin.path / name)
    origin.commit({".gitignore": ".mesh/\n"})
    clone = origin.clone(tmp_path / "datamesh").path
    branch = branches([(EMAIL, "Student")])[EMAIL]
    ada = Student(Home(clone), clone, EMAIL, branch)
    try:
        join_alone(ada)
        yield ada
    finally:
        ada.type("mesh local down")


def seen(student: Student) -> Mapping[str, Mapping[str, str]]:
    """By task, what the class's status tells of the student."""
    told = json.loads(student.type("mesh workshop status --local --json 2>/dev/null"))
    tasks: Mapping[str, Mapping[str, str]] = told["students"][0]["tasks"]
    return tasks


def test_each_task_is_done_once_it_is_done(student: Student) -> None:
    """And what is wrong with it is told, with a hint; deployments leave traces, so their mistakes are elsewhere."""
    done: list[str] = []
    for name, do in TASKS.items():
        if mistake := BY_HAND.get(name):
            mistakes.make(mistake, student)
            outcome = seen(student)[name]
            assert outcome["state"] == "wrong", outcome
            assert outcome["hint"]
        do(student)
        done.append(name)
        assert [task for task, one in seen(student).items() if one["state"] == "done"] == done
