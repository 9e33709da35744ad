"""Watching a class."""

from __future__ import annotations

import pytest

from mesh.errors import OutsideError
from mesh.workshop.course.progress import Progress
from mesh.workshop.status.watch import watch
from tests.support.class_progress import class_of
from tests.support.classroom import ADA, BO


def test_watching_continues_while_the_workspace_does_not_answer() -> None:
    """Three reads, of which the second fails; then the user presses Ctrl-C."""
    answers: list[Progress | OutsideError] = [
        class_of(ADA),
        OutsideError("away\nfor good"),
        class_of(ADA, BO),
    ]
    shown: list[Progress] = []
    slept: list[float] = []

    def ask() -> Progress:
        answer = answers.pop(0)
        if isinstance(answer, OutsideError):
            raise answer
        return answer

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if not answers:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(ask, shown.append, 15, sleep)

    assert [(len(one.students), one.failure) for one in shown] == [(1, None), (1, "away"), (2, None)]
    assert slept == [15, 15, 15]


def test_a_workspace_that_never_answered_is_an_error() -> None:
    def ask() -> Progress:
        raise OutsideError("away")

    with pytest.raises(OutsideError, match="away"):
        watch(ask, lambda _: None, 15, lambda _: None)
