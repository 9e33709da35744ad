"""`mesh deploy`: the order of stacks, the confirmation and the checks."""

from __future__ import annotations

import pytest

from mesh.commands.deploy import deploy
from mesh.errors import OutsideError, UsageError


def names(target) -> list[str]:
    return [stack.stack for stack in target.stacks]


def test_with_auto_approve_cdktf_deploys_all_stacks_at_once(target, runs) -> None:
    deploy(target, [], auto_approve=True)

    assert runs == [("synthesize",), ("deploy", *names(target), False)]


def test_without_auto_approve_each_step_is_shown_before_it_is_confirmed(target, runs, answers) -> None:
    answers("y")
    foundation, costs, taxi = names(target)

    deploy(target, [], auto_approve=False)

    assert runs == [
        ("synthesize",),
        ("diff", foundation, False),
        ("deploy", foundation, False),
        ("diff", costs, False),
        ("diff", taxi, False),
        ("deploy", costs, taxi, True),
    ]


def test_nothing_is_deployed_without_confirmation(target, runs, answers) -> None:
    answers("n")

    deploy(target, [], auto_approve=False)

    assert [verb for verb, *_ in runs] == ["synthesize", "diff"]


def test_a_project_without_its_foundation_is_a_partial_deployment(target, runs) -> None:
    taxi = names(target)[-1]

    deploy(target, ["transport/taxinyc"], auto_approve=True)

    assert runs[-1] == ("deploy", taxi, True)


def test_without_a_terminal_the_option_is_required(target, runs) -> None:
    with pytest.raises(UsageError, match="--auto-approve"):
        deploy(target, [], auto_approve=False)

    assert runs == []


def test_another_user_is_refused_before_anything_is_synthesized(target, runs, monkeypatch) -> None:
    monkeypatch.setattr(
        type(target), "workspace", lambda *_: type("W", (), {"user": lambda self: "kari@acme.example"})()
    )

    with pytest.raises(OutsideError, match=r"are generated for ola@\S+, but kari@\S+ is logged in"):
        deploy(target, [], auto_approve=True)
    assert runs == []
