"""`mesh destroy`: the reverse order of stacks, and the confirmation."""

from __future__ import annotations

from mesh.commands.destroy import destroy


def test_all_stacks_are_destroyed_at_once_foundations_last(target, runs) -> None:
    foundation, costs, taxi = (stack.stack for stack in target.stacks)

    destroy(target, [], auto_approve=True)

    assert runs == [("destroy", taxi, costs, foundation, False)]


def test_a_foundation_that_other_stacks_need_is_destroyed_by_itself(target, runs) -> None:
    foundation, costs, _ = (stack.stack for stack in target.stacks)

    destroy(target, ["*foundation*", "finance/costs"], auto_approve=True)

    assert runs == [("destroy", costs, True), ("destroy", foundation, True)]


def test_nothing_is_destroyed_without_confirmation(target, runs, answers) -> None:
    answers("")

    destroy(target, [], auto_approve=False)

    assert runs == []
