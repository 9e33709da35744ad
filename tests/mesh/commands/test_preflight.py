"""The checks before a deployment."""

from __future__ import annotations

import pytest

from mesh.commands.preflight import Preflight
from mesh.errors import OutsideError
from mesh.terraform.state import State
from tests.mesh.commands.conftest import FakeTarget


def test_the_expected_user_may_deploy(target) -> None:
    Preflight(target).refuse_other_user(target.stacks)


def test_each_stack_searches_for_its_own_deployment(target) -> None:
    foundation, _, taxi = Preflight(target).searches(target.stacks)

    assert (foundation.owner.project_file, foundation.owner.identity.key) == (None, ())
    assert taxi.owner.project_file == "orgs/acme/domains/transport/projects/taxinyc/project.yml"
    assert taxi.owner.identity.user == "ola@acme.example"
    assert taxi.owner.state_key == target.stacks[-1].state_key


def test_existing_objects_are_refused_with_the_command_that_adopts_them(target, monkeypatch) -> None:
    class Search:
        def objects(self) -> list[str]:
            return ["job `revenue` exists"]

    monkeypatch.setattr(Preflight, "searches", lambda self, stacks: [Search()])

    with pytest.raises(OutsideError, match=r"exist already[^`]*\n  job `revenue` exists\n[^`]*`mesh adopt`"):
        Preflight(target).refuse_unmanaged(target.stacks)


def test_a_personal_deployment_is_not_checked_for_data_loss(target, monkeypatch, capsys) -> None:
    class Stack:
        resources = ()

        def state(self) -> State:
            return State({"databricks_schema.a": {}})

    monkeypatch.setattr(FakeTarget, "terraform", lambda *_: Stack())

    Preflight(target).refuse_data_loss(target.stacks[-1:])

    assert capsys.readouterr().out == ""
