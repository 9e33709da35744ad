"""`mesh diff`: prints the review of the selected stacks' plans."""

from __future__ import annotations

import pytest

from mesh.commands.diff import diff
from mesh.errors import OutsideError
from tests.mesh.commands.conftest import RULES, change


def test_the_selected_stacks_are_planned_and_reviewed(target, mesh, events, capsys) -> None:
    taxi = target.stacks[-1].stack
    target.fakes[taxi].entries = [change("databricks_job.prep_tips", "create")]

    diff(target, ["transport/taxinyc"], RULES, events, mesh=mesh, parallelism=1)

    assert target.calls == [("synthesize",), ("plan", taxi)]
    assert "job prep_tips will be created" in capsys.readouterr().out


def test_without_changes_one_line_says_so(target, mesh, events, capsys) -> None:
    diff(target, [], RULES, events, mesh=mesh, parallelism=1)

    assert capsys.readouterr().out == "No changes: 3 stacks up to date.\n"


def test_a_stack_that_cannot_be_planned_is_an_error_after_the_review_of_the_others(
    target, mesh, events, capsys
) -> None:
    _, costs, taxi = (stack.stack for stack in target.stacks)
    target.fakes[costs].error = "Error: no such host"
    target.fakes[taxi].entries = [change("databricks_job.prep_tips", "create")]

    with pytest.raises(OutsideError, match="1 stack could not be planned, see above"):
        diff(target, [], RULES, events, mesh=mesh, parallelism=1)

    assert "job prep_tips will be created" in capsys.readouterr().out
