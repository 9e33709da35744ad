"""Checks beside other work."""

from __future__ import annotations

import threading

import pytest

from mesh.commands.beside import beside
from mesh.errors import OutsideError


def _refuse() -> None:
    raise OutsideError("refused")


def test_checks_run_beside_the_work_and_are_done_after_it() -> None:
    working, checked = threading.Event(), []
    with beside([lambda: checked.append(working.wait(10)), lambda: checked.append("second")]):
        working.set()
    assert checked == [True, "second"]


def test_a_check_that_fails_is_an_error_after_the_work() -> None:
    done = []
    with pytest.raises(OutsideError, match="refused"), beside([_refuse, lambda: done.append("no")]):
        done.append("work")
    assert done == ["work"]


def test_an_error_of_the_work_has_precedence() -> None:
    with pytest.raises(OutsideError, match="interrupted"), beside([_refuse]):
        raise OutsideError("interrupted")
