"""The whole course on one machine: a scripted student does every task, and is seen to have done it only then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local.home import Home
from mesh.workshop.student import branches
from tests.course.mistakes import MISTAKES, make
from tests.course.pages import ROOT
from tests.course.student import TASKS, Student, join_alone
from tests.git_repository import Repository

# tasks without a deployment
BY_HAND = ("01-explore", "02-run-by-hand", "03-study-output")
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
        for mistake in MISTAKES[name] if name in BY_HAND else ():
            make(mistake, student)
            outcome = seen(student)[name]
            assert outcome["state"] == "wrong", (mistake.__name__, outcome)
            assert outcome["hint"]
        do(student)
        done.append(name)
        assert [task for task, one in seen(student).items() if one["state"] == "done"] == done
