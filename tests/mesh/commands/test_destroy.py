"""`mesh destroy`: the reverse order of stacks, and the confirmation."""

from __future__ import annotations

from mesh.commands.destroy import destroy
from tests.mesh.commands.conftest import RULES, change


def run(target, mesh, events, names=(), *, auto_approve: bool = True) -> list[str]:
    """Destroys stacks; the applied ones."""
    for number, fake in enumerate(target.fakes.values()):
        fake.entries = [change(f"databricks_schema.s{number}", "delete", before={"catalog_name": "acme"})]
    destroy(target, names, RULES, events, mesh=mesh, auto_approve=auto_approve, parallelism=1)
    return [stack for verb, *rest in target.calls if verb == "apply" for stack in rest]


def test_foundations_are_destroyed_last(target, mesh, events, capsys) -> None:
    foundation, costs, taxi = (stack.stack for stack in target.stacks)

    assert run(target, mesh, events) == [taxi, costs, foundation]

    assert {verb for verb, *_ in target.calls} == {"synthesize", "destroy-plan", "apply"}
    assert capsys.readouterr().out.splitlines()[-1].startswith("Destroyed 3 stacks with 3 objects in ")


def test_the_selected_stacks_only_are_destroyed(target, mesh, events) -> None:
    foundation, costs, _ = (stack.stack for stack in target.stacks)

    assert run(target, mesh, events, ["*foundation*", "finance/costs"]) == [costs, foundation]


def test_nothing_is_destroyed_without_confirmation(target, mesh, events, answers) -> None:
    questions = answers("")

    assert run(target, mesh, events, ["finance/costs"], auto_approve=False) == []

    assert questions == [f"Destroy {target.stacks[1].stack} with all data? [y/N] "]


def test_an_empty_state_needs_no_question(target, mesh, events, capsys) -> None:
    destroy(target, [], RULES, events, mesh=mesh, auto_approve=True, parallelism=1)

    assert capsys.readouterr().out == "Nothing to destroy.\n"
