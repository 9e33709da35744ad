"""`mesh deploy`: the order of stacks, the rounds, the review, the confirmation and the checks."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from types import SimpleNamespace

import pytest

from mesh.commands.deploy import DeployOptions, deploy
from mesh.commands.preflight import Preflight
from mesh.errors import OutsideError, UsageError
from mesh.terraform.apply_error import ApplyError
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.plan import DeclaredResource
from tests.mesh.commands.conftest import RULES, FakeTarget, change

APPROVED = DeployOptions(auto_approve=True, parallelism=1)
CATALOG = change("databricks_catalog.acme", "create")
JOB = change("databricks_job.prep_monthly", "create")


def names(target) -> list[str]:
    return [stack.stack for stack in target.stacks]


def applied(target) -> list[str]:
    return [stack for verb, *rest in target.calls if verb == "apply" for stack in rest]


def test_nothing_is_applied_where_nothing_changes(target, mesh, events, capsys) -> None:
    assert deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert target.calls == [("synthesize",), *(("plan", name) for name in names(target))]
    assert "Nothing to change: 3 stacks up to date, checked in " in capsys.readouterr().out


def test_all_stacks_are_planned_and_reviewed_before_the_first_is_applied(
    target, mesh, events, capsys
) -> None:
    foundation, costs, taxi = names(target)
    target.fakes[foundation].entries = [CATALOG]
    target.fakes[taxi].entries = [JOB]

    assert deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert [call for call in target.calls if call[0] != "synthesize"] == [
        *(("plan", name) for name in (foundation, costs, taxi)),
        ("apply", foundation),
        ("apply", taxi),
    ]
    out = capsys.readouterr().out
    assert "catalog acme will be created" in out
    assert out.splitlines()[-1].startswith("Deployed 2 stacks in ")
    assert out.splitlines()[-1].endswith(": 2 added; 1 without changes.")
    assert [one["event"] for one in events.published] == ["review", "result"]


def test_one_question_is_asked_for_all_stacks(target, mesh, events, answers) -> None:
    questions = answers("y")
    foundation, _, taxi = names(target)
    target.fakes[foundation].entries = [CATALOG]
    target.fakes[taxi].entries = [JOB, change("databricks_job.other", "update")]

    assert deploy(target, [], RULES, events, mesh=mesh, options=DeployOptions())

    assert questions == ["Deploy 2 stacks (2 to add, 1 to change)? [y/N] "]
    assert applied(target) == [foundation, taxi]


def test_nothing_is_deployed_without_confirmation(target, mesh, events, answers) -> None:
    answers("n")
    target.fakes[names(target)[0]].entries = [CATALOG]

    assert deploy(target, [], RULES, events, mesh=mesh, options=DeployOptions())

    assert applied(target) == []


def test_a_project_brings_the_foundation_that_it_needs(target, mesh, events, capsys) -> None:
    foundation, _, taxi = names(target)
    target.fakes[foundation].entries = [CATALOG]
    target.fakes[taxi].entries = [JOB]

    deploy(target, ["transport/taxinyc"], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == [foundation, taxi]
    assert f"needs: {foundation}, 1 to add" in capsys.readouterr().out


def test_a_stack_that_cannot_be_planned_before_its_foundation_is_planned_after_it(
    target, mesh, events, capsys
) -> None:
    foundation, _, taxi = names(target)
    target.fakes[foundation].entries = [CATALOG]
    fake = target.fakes[taxi]
    fake.error, fake.entries = "the policy does not exist yet", [JOB]

    def exists() -> None:
        fake.error = None

    target.fakes[foundation].on_apply = exists

    assert deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == [foundation, taxi]
    assert [call for call in target.calls if call[1:] == (taxi,)] == [
        ("plan", taxi),
        ("plan", taxi),
        ("apply", taxi),
    ]
    assert f"later: {taxi} is planned when the stacks that it needs are deployed" in capsys.readouterr().out
    assert "not yet" in [one.text for one in events.events if one.stack == taxi]


def test_a_stack_that_looks_up_what_is_created_is_planned_after_it(target, mesh, events) -> None:
    """Its plan would hold what does not exist yet, or the id of what is replaced."""
    foundation, _, taxi = names(target)
    target.fakes[foundation].entries = [change("databricks_cluster_policy.small", "create")]
    target.fakes[taxi].entries = [JOB]
    target.fakes[taxi].config = {"data": {"databricks_cluster_policy": {"small": {}}}}

    deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert [verb for verb, *rest in target.calls if rest == [taxi]] == ["plan", "plan", "apply"]


def interrupt_this_process() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interruption_while_the_last_plan_ends_stops_the_deployment(target, mesh, events) -> None:
    *_, taxi = names(target)
    target.fakes[taxi].entries = [JOB]
    target.fakes[taxi].on_plan = interrupt_this_process

    with pytest.raises(StoppedError, match="nothing was changed"):
        deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == []


def test_an_interruption_while_a_round_ends_starts_no_other_round(target, mesh, events) -> None:
    foundation, _, taxi = names(target)
    target.fakes[foundation].entries = [change("databricks_cluster_policy.small", "create")]
    target.fakes[foundation].on_apply = interrupt_this_process
    target.fakes[taxi].entries = [JOB]
    target.fakes[taxi].config = {"data": {"databricks_cluster_policy": {"small": {}}}}

    with pytest.raises(StoppedError, match=f"interrupted; not planned: {taxi}\ncompleted changes are in the"):
        deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert [verb for verb, *rest in target.calls if rest == [taxi]] == ["plan"]


def test_a_stack_that_cannot_be_planned_stops_everything_with_its_whole_error(
    target, mesh, events, capsys
) -> None:
    foundation, costs, taxi = names(target)
    target.fakes[foundation].entries = [CATALOG]
    target.fakes[costs].error = "Error: no such host"
    target.fakes[foundation].entries = []
    target.fakes[taxi].entries = [JOB]

    with pytest.raises(OutsideError, match=r"1 stack could not be planned, see above; nothing was changed"):
        deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == []
    assert "Error: no such host" in capsys.readouterr().out


def test_a_stack_that_fails_does_not_stop_those_that_do_not_need_it(target, mesh, events) -> None:
    _, costs, taxi = names(target)
    target.fakes[costs].entries = target.fakes[taxi].entries = [JOB]
    target.fakes[costs].apply_error = ApplyError("terraform apply failed: quota", [JOB["address"]])

    with pytest.raises(OutsideError) as caught:
        deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert str(caught.value).splitlines() == [
        "not all stacks are deployed:",
        f"  applied: {taxi}",
        f"  failed: {costs}: terraform apply failed: quota",
        "    declared in orgs/acme/domains/finance/projects/costs/flows/prep/monthly/deployment.yml:1",
        "completed changes are in the state: run it again for the rest",
    ]


def test_a_stack_whose_foundation_fails_is_left_out(target, mesh, events) -> None:
    foundation, costs, _ = names(target)
    target.fakes[foundation].entries = [CATALOG]
    target.fakes[costs].entries = [JOB]
    target.fakes[foundation].apply_error = ApplyError("no quota")

    with pytest.raises(OutsideError, match=f"not applied: {costs}: it needs {foundation}"):
        deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == [foundation]


def test_after_an_interruption_nothing_starts(target, mesh, events) -> None:
    _, costs, taxi = names(target)
    target.fakes[costs].entries = target.fakes[taxi].entries = [JOB]
    target.fakes[costs].apply_error = StoppedError("terraform apply was interrupted")

    with pytest.raises(StoppedError, match=f"not applied: {taxi}: not started"):
        deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)


def test_a_foundation_keeps_what_this_branch_does_not_declare(target, mesh, events, capsys) -> None:
    foundation = names(target)[0]
    fake = target.fakes[foundation]
    fake.resources = (DeclaredResource("databricks_catalog.acme", {"name": "acme"}),)
    fake.entries = [CATALOG, change("databricks_catalog.of_another_branch", "delete")]

    deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert ("plan", foundation, "databricks_catalog.acme") in target.calls
    assert f"kept: databricks_catalog.of_another_branch of {foundation}" in capsys.readouterr().out


def test_with_prune_a_foundation_destroys_it(target, mesh, events) -> None:
    foundation = names(target)[0]
    target.fakes[foundation].entries = [change("databricks_grants.of_another_branch", "delete")]

    deploy(target, [], RULES, events, mesh=mesh, options=DeployOptions(True, 1, prune=True))

    assert applied(target) == [foundation]


def test_a_catalog_that_is_not_empty_is_told_before_it_is_destroyed(target, mesh, events, capsys) -> None:
    foundation = names(target)[0]
    target.fakes[foundation].entries = [
        change("databricks_catalog.other", "delete", before={"name": "other"})
    ]

    rules = replace(RULES, approved=frozenset({"data-loss"}))
    deploy(target, [], rules, events, mesh=mesh, options=DeployOptions(True, 1, prune=True))

    assert (
        "Warning: catalog `other` is not empty (2 tables): Terraform destroys it" in capsys.readouterr().err
    )


def test_without_a_terminal_the_option_is_required(target, mesh, events) -> None:
    with pytest.raises(UsageError, match="--auto-approve"):
        deploy(target, [], RULES, events, mesh=mesh, options=DeployOptions())

    assert target.calls == []


def test_another_user_is_refused_before_anything_is_synthesized(target, mesh, events, monkeypatch) -> None:
    monkeypatch.setattr(
        type(target), "workspace", lambda *_: type("W", (), {"user": lambda self: "kari@acme.example"})()
    )

    with pytest.raises(OutsideError, match=r"are generated for ola@\S+, but kari@\S+ is logged in"):
        deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)
    assert target.calls == []


def test_a_stack_that_somebody_else_deployed_meanwhile_is_planned_again(target, mesh, events, capsys) -> None:
    _, costs, taxi = names(target)
    target.fakes[costs].entries = target.fakes[taxi].entries = [JOB]
    fake = target.fakes[costs]
    fake.apply_error = ApplyError("Saved plan is stale", stale=True)
    fake.on_plan = lambda: setattr(fake, "apply_error", None) if ("apply", costs) in target.calls else None

    assert deploy(target, [], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == [costs, taxi, costs]
    assert f"again: {costs} is planned again" in capsys.readouterr().out


def test_a_needed_foundation_whose_catalog_another_deployment_holds_is_left_alone(
    target, mesh, events, capsys, monkeypatch
) -> None:
    """A workshop on this machine may have created it."""
    foundation, _, taxi = target.stacks
    target.fakes[foundation.stack].entries = [CATALOG]
    target.fakes[taxi.stack].entries = [JOB]
    monkeypatch.setattr(Preflight, "with_unmanaged", lambda self, stacks: [foundation])
    monkeypatch.setattr(
        FakeTarget,
        "workspace",
        lambda *_: SimpleNamespace(user=lambda: "ola@acme.example", find=lambda type, name: ["acme"]),
    )

    deploy(target, ["transport/taxinyc"], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == [taxi.stack]
    assert f"not deployed: {foundation.stack}" in capsys.readouterr().out


def test_what_a_foundation_that_is_left_alone_does_not_have_yet_is_named(
    target, mesh, events, monkeypatch
) -> None:
    foundation = target.stacks[0]
    monkeypatch.setattr(Preflight, "with_unmanaged", lambda self, stacks: [foundation])

    with pytest.raises(OutsideError, match=r"these objects are needed, but do not exist yet:\n  catalog `"):
        deploy(target, ["transport/taxinyc"], RULES, events, mesh=mesh, options=APPROVED)

    assert applied(target) == []
