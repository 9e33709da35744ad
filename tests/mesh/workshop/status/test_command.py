"""Whose work is looked at, and where."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.home import Home
from mesh.errors import UsageError
from mesh.workshop.course.databricks import DatabricksSource
from mesh.workshop.status.command import on_this_machine, whose
from mesh.workshop.student import branches


def logged_in(user: str) -> DatabricksSource:
    """A workspace that knows its caller."""
    me = SimpleNamespace(me=lambda: SimpleNamespace(user_name=user))
    client: Any = SimpleNamespace(current_user=me)
    return DatabricksSource(client)


def test_who_is_named_comes_before_who_works_here_and_who_is_logged_in(tmp_path: Path) -> None:
    source, here = logged_in("robot@acme.example"), {"MESH_USER": "Ola.Nordmann@acme.example"}

    assert whose(tmp_path, "ADA@acme.example", source, here).email == "ada@acme.example"
    assert whose(tmp_path, None, source, here).email == "ola.nordmann@acme.example"


def test_without_a_roster_all_follows_from_the_address(tmp_path: Path) -> None:
    found = whose(tmp_path, "ola.nordmann@acme.example", logged_in("x"), {})

    assert found.schema == "training.olanordmann"
    assert found.branch == branches([(found.email, "Ola Nordmann")])[found.email]


def test_the_roster_says_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "workshop.yml").write_text("name: spring\n")
    (tmp_path / "course" / "roster.csv").write_text("email,name,team\nada@acme.example,Ada Lovelace,red\n")

    assert whose(tmp_path, "ada@acme.example", logged_in("x"), {}).team == "red"
    assert whose(tmp_path, "bo@acme.example", logged_in("x"), {}).team is None


def test_a_roster_with_errors_is_not_the_students_to_mend(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "workshop.yml").write_text("nmae: spring\n")

    assert whose(tmp_path, "ada@acme.example", logged_in("x"), {}).email == "ada@acme.example"


def test_a_service_principal_is_no_student(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`7f1c0d6e` is no student's e-mail"):
        whose(tmp_path, "7f1c0d6e", logged_in("x"), {})


def test_the_workspace_on_this_machine_is_asked_where_it_is_up_and_no_other_is_named(tmp_path: Path) -> None:
    assert not on_this_machine(tmp_path, {})
    Home(tmp_path).status.parent.mkdir(parents=True)
    Home(tmp_path).status.write_text(
        '{"url": "http://127.0.0.1:1", "token": "t", "workspace_pid": 1, "workspace_started": 1.0}'
    )

    assert on_this_machine(tmp_path, {})
    assert not on_this_machine(tmp_path, {"DATABRICKS_HOST": "https://x"})
