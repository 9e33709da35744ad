"""`mesh diff`: prints the changes of the selected stacks."""

from __future__ import annotations

from mesh.commands.diff import diff


def test_the_selected_stacks_are_compared_after_they_are_synthesized(target, runs) -> None:
    taxi = target.stacks[-1].stack

    diff(target, ["transport/taxinyc"])

    assert runs == [("synthesize",), ("diff", taxi, False)]
