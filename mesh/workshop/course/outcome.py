"""The outcome of checking one task for one student."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mesh.workshop.course.evidence import Run


class OutcomeState(StrEnum):
    """The state of a task for a student."""

    DONE = "done"
    NOT_YET = "not yet"
    WRONG = "wrong"


@dataclass(frozen=True)
class Outcome:
    """The outcome for one student and one task.

    Args:
        state: the state.
        reason: a few words for the whole class, without a student's text, name or address.
        hint: where the student has to look, without the solution; only this student sees it.
    """

    state: OutcomeState
    reason: str = ""
    hint: str = ""


DONE = Outcome(OutcomeState.DONE)


def not_yet(reason: str = "", hint: str = "") -> Outcome:
    """Returns the outcome of an unfinished task without mistakes so far."""
    return Outcome(OutcomeState.NOT_YET, reason, hint)


def wrong(reason: str, hint: str) -> Outcome:
    """Returns the outcome of a task with a mistake that the student has to correct."""
    return Outcome(OutcomeState.WRONG, reason, hint)


def outcome_of_run(run: Run | None, of: str = "job") -> Outcome:
    """Returns the outcome of a task that is done as soon as a run succeeds.

    Args:
        run: the last run; None if there is none.
        of: what runs: `job` or `pipeline`.
    """
    if run is None:
        return not_yet("not run", f"The {of} is deployed and has never run: run it.")
    if run.state == "succeeded":
        return DONE
    if run.state == "running":
        return not_yet("running", f"The {of} is running: wait until it ends.")
    if run.state == "cancelled":
        return wrong("run cancelled", f"The last run of the {of} was cancelled: run it again.")
    tasks = " and ".join(f"`{key}`" for key in run.failed) or "it"
    return wrong(
        "run failed", f"In the last run of the {of}, {tasks} failed: open the run and read the first error."
    )


def decisive_run(runs: Iterable[Run]) -> Run | None:
    """The newest run that succeeded; if none did, the newest run."""
    ordered = sorted(runs, key=lambda run: run.started, reverse=True)
    return next((run for run in ordered if run.state == "succeeded"), ordered[0] if ordered else None)
