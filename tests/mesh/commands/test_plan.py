"""`mesh plan`: saves the plans of the selected stacks, and names the failed ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands import plan as command
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.terraform.saved_plan import Checkout


@pytest.fixture(autouse=True)
def checkout(target, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    checkout = Checkout("dev", "c" * 40, clean=True)
    monkeypatch.setattr(type(target), "checkout", checkout)
    return checkout


def test_a_stack_that_cannot_be_planned_does_not_stop_the_others(
    target, runs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    foundation, costs, taxi = (stack.stack for stack in target.stacks)
    planned = []

    def save(terraform, out, checkout, base=None) -> bool:
        planned.append(terraform.stack)
        return terraform.stack != costs

    monkeypatch.setattr(command, "save_plan", save)

    with pytest.raises(OutsideError) as caught:
        command.plan(target, [], tmp_path, mesh=Mesh(tmp_path, ()))

    assert planned == [foundation, costs, taxi]
    assert str(caught.value) == f"1 of 3 stacks could not be planned, see {tmp_path}/{costs}.err"
    assert runs == [("synthesize",)]


def test_without_failures_nothing_is_raised(target, runs, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(command, "save_plan", lambda *_: True)

    command.plan(target, ["finance/costs"], tmp_path, mesh=Mesh(tmp_path, ()))
