"""Which student is checked, in which workspace."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.home import Home
from mesh.errors import UsageError
from mesh.workshop.course.databricks import DatabricksSource
from mesh.workshop.status.command import find_student, uses_local_workspace
from mesh.workshop.student import assign_branches


def logged_in(user: str) -> DatabricksSource:
    """A workspace with this logged-in user."""
    me = SimpleNamespace(me=lambda: SimpleNamespace(user_name=user))
    client: Any = SimpleNamespace(current_user=me)
    return DatabricksSource(client)


def test_the_named_student_comes_before_the_checkouts_user_and_the_logged_in_user(tmp_path: Path) -> None:
    source, here = logged_in("robot@acme.example"), {"MESH_USER": "Ola.Nordmann@acme.example"}

    assert find_student(tmp_path, "ADA@acme.example", source, here).email == "ada@acme.example"
    assert find_student(tmp_path, None, source, here).email == "ola.nordmann@acme.example"


def test_without_a_roster_the_student_is_derived_from_the_address(tmp_path: Path) -> None:
    student = find_student(tmp_path, "ola.nordmann@acme.example", logged_in("x"), {})

    assert student.schema == "training.olanordmann"
    assert student.branch == assign_branches([(student.email, "Ola Nordmann")])[student.email]


def test_the_roster_is_used_if_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "workshop.yml").write_text("name: spring\n")
    (tmp_path / "course" / "roster.csv").write_text("email,name,team\nada@acme.example,Ada Lovelace,red\n")

    assert find_student(tmp_path, "ada@acme.example", logged_in("x"), {}).team == "red"
    assert find_student(tmp_path, "bo@acme.example", logged_in("x"), {}).team is None


def test_errors_in_the_roster_are_not_reported_to_students(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "workshop.yml").write_text("nmae: spring\n")

    assert find_student(tmp_path, "ada@acme.example", logged_in("x"), {}).email == "ada@acme.example"


def test_a_service_principal_is_not_a_student(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`7f1c0d6e` is not a student's e-mail"):
        find_student(tmp_path, "7f1c0d6e", logged_in("x"), {})


def test_the_local_workspace_is_used_if_it_is_up_and_no_other_is_named(tmp_path: Path) -> None:
    assert not uses_local_workspace(tmp_path, {})
    Home(tmp_path).status.parent.mkdir(parents=True)
    Home(tmp_path).status.write_text(
        '{"url": "http://127.0.0.1:1", "token": "t", "workspace_pid": 1, "workspace_started": 1.0}'
    )

    assert uses_local_workspace(tmp_path, {})
    assert not uses_local_workspace(tmp_path, {"DATABRICKS_HOST": "https://x"})
