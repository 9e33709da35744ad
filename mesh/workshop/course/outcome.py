"""How far a student is with a task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mesh.workshop.course.evidence import Run


class State(StrEnum):
    """How far."""

    DONE = "done"
    NOT_YET = "not yet"
    WRONG = "wrong"


@dataclass(frozen=True)
class Outcome:
    """What the evidence says of one student and one task.

    Args:
        state: how far.
        why: in a few words, for everybody to see: never holds what a student wrote, a name or an address.
        hint: for the student alone: where to look, without giving the answer away.
    """

    state: State
    why: str = ""
    hint: str = ""


DONE = Outcome(State.DONE)


def not_yet(why: str = "", hint: str = "") -> Outcome:
    """What is missing is still to come."""
    return Outcome(State.NOT_YET, why, hint)


def wrong(why: str, hint: str) -> Outcome:
    """Something was done that does not lead there."""
    return Outcome(State.WRONG, why, hint)


def of_run(run: Run | None) -> Outcome:
    """What a job's last run says of a task that is done when it succeeds."""
    if run is None:
        return not_yet("not run", "It is deployed, and its job has never run: run it.")
    if run.state == "succeeded":
        return DONE
    if run.state == "running":
        return not_yet("running", "Its job is running: wait for the end.")
    if run.state == "cancelled":
        return wrong("run cancelled", "The last run of its job was cancelled: run it again.")
    tasks = " and ".join(f"`{key}`" for key in run.failed) or "it"
    return wrong(
        "run failed", f"In the last run of its job {tasks} failed: open that run and read the first error."
    )


def newest(runs: Iterable[Run]) -> Run | None:
    """Of several runs one that succeeded; else the newest."""
    ordered = sorted(runs, key=lambda one: one.started, reverse=True)
    return next((one for one in ordered if one.state == "succeeded"), ordered[0] if ordered else None)
