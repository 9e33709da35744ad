"""The outcome of a job run."""

from __future__ import annotations

import pytest

from mesh.workshop.course.evidence import Run
from mesh.workshop.course.outcome import DONE, OutcomeState, decisive_run, outcome_of_run
from tests.support.classroom import run


@pytest.mark.parametrize(
    ("last", "state", "reason"),
    [
        (None, OutcomeState.NOT_YET, "not run"),
        (run("running"), OutcomeState.NOT_YET, "running"),
        (run("cancelled"), OutcomeState.WRONG, "run cancelled"),
        (run("failed"), OutcomeState.WRONG, "run failed"),
    ],
)
def test_a_run_that_did_not_succeed_is_not_done(last: Run | None, state: OutcomeState, reason: str) -> None:
    outcome = outcome_of_run(last)

    assert (outcome.state, outcome.reason) == (state, reason)
    assert outcome.hint


def test_a_run_that_succeeded_is_done() -> None:
    assert outcome_of_run(run()) == DONE


def test_the_hint_names_the_failed_tasks() -> None:
    assert "`a` and `b` failed" in outcome_of_run(run("failed", "a", "b")).hint


def test_a_run_that_succeeded_decides_over_newer_runs() -> None:
    succeeded, failed, running = run(), run("failed", minutes=5), run("running", minutes=9)

    assert decisive_run([running, failed, succeeded]) == succeeded
    assert decisive_run([failed, running]) == running
    assert decisive_run([]) is None
