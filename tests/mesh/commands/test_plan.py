"""`mesh plan`: saves the plans of the selected stacks, and names the failed ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands import plan as command
from mesh.errors import OutsideError
from mesh.terraform.plan import Plan
from mesh.terraform.saved_plan import Checkout


@pytest.fixture(autouse=True)
def checkout(target, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    checkout = Checkout("dev", "c" * 40, clean=True)
    monkeypatch.setattr(type(target), "checkout", checkout)
    return checkout


def test_a_stack_that_cannot_be_planned_does_not_stop_the_others(
    target, mesh, events, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    foundation, costs, taxi = (stack.stack for stack in target.stacks)
    planned = []

    def save(terraform, out, checkout, base=None, reporter=None) -> Plan:
        planned.append(terraform.stack)
        return Plan((), "no" if terraform.stack == costs else None)

    monkeypatch.setattr(command, "save_plan", save)

    with pytest.raises(OutsideError) as caught:
        command.plan(target, [], tmp_path, events, mesh=mesh, parallelism=1)

    assert planned == [foundation, costs, taxi]
    assert str(caught.value) == f"1 of 3 stacks could not be planned, see {tmp_path}/{costs}.err"
    assert target.calls == [("synthesize",)]


def test_without_failures_nothing_is_raised(target, mesh, events, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(command, "save_plan", lambda *_, **__: Plan(()))

    command.plan(target, ["finance/costs"], tmp_path, events, mesh=mesh, parallelism=1)

    assert [(one.stack, one.status, one.text) for one in events.events] == [
        (target.stacks[1].stack, "started", ""),
        (target.stacks[1].stack, "done", "no changes"),
    ]
